// SPDX-License-Identifier: GPL-2.0-only
/*
 * report.js - put into a page of "slotgate report" by tests/host/report.sh: does what a
 * reader does, and leaves what it found as TAP in <pre id="tap">
 */
"use strict";

const results = [];

function ok(name, bad) {
	results.push((bad.length ? "not ok " : "ok ") + name);
	for (const one of bad.slice(0, 5))
		results.push("# " + one);
}

function all(selector) {
	return [...document.querySelectorAll(selector)];
}

/* Following a link unfolds what it leads to. */
function links() {
	const bad = [];

	for (const link of all("a").filter(a => a.getAttribute("href") || a.getAttribute("xlink:href"))) {
		const to = link.getAttribute("href") || link.getAttribute("xlink:href");

		if (!to.startsWith("#")) {
			bad.push(to + " leads out of the page");
			continue;
		}
		all("details.entry").forEach(entry => { entry.open = false; });
		location.hash = "";
		location.hash = to;
		const target = document.getElementById(to.slice(1));

		if (!target)
			bad.push(to + " leads nowhere");
		else if (!target.closest("details.entry").open)
			bad.push(to + " leads to what is folded");
	}
	ok("links lead to something that is then to be seen", bad);
}

function shown(element) {
	return getComputedStyle(element).display !== "none";
}

/* Each choice leaves those that fit, in the list and below it, and no other. */
function filters() {
	const bad = [];

	for (const radio of all(".filters input")) {
		const [group, word] = radio.id.split("-");

		radio.click();
		for (const one of all("[data-verdict]"))
			if (shown(one) !== (word === "all" || one.dataset[group] === word))
				bad.push(radio.id + ": " + one.tagName + " " + one.dataset[group]);
		document.getElementById(group + "-all").click();
	}
	ok("filters leave what fits and nothing else", bad);
	return all(".filters input").length;
}

function ids() {
	const seen = new Set(), bad = [];

	for (const one of all("[id]")) {
		if (seen.has(one.id))
			bad.push(one.id + " is there twice");
		seen.add(one.id);
	}
	ok("each id is there once", bad);
}

/* --- colours --- */

function rgb(text) {
	const numbers = text.match(/[\d.]+/g).map(Number);

	return { rgb: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
}

function luminance(colour) {
	const [r, g, b] = colour.map(c => {
		c /= 255;
		return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
	});

	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ground(element) {
	for (let at = element; at; at = at.parentElement) {
		const colour = rgb(getComputedStyle(at).backgroundColor);

		if (colour.alpha === 1)
			return colour.rgb;
	}
	return [255, 255, 255];
}

function contrast(one, other) {
	const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);

	return (light + 0.05) / (dark + 0.05);
}

function hasText(element) {
	return [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
}

/* The text of pictures stands on the bar or the box before it, if there is one. */
function drawnGround(element) {
	const bar = element.parentElement.querySelector("rect.bar, polygon, path");
	const fill = bar && getComputedStyle(bar).fill;

	return fill && fill.startsWith("rgb") && rgb(fill).alpha === 1 ? rgb(fill).rgb : ground(element);
}

function colours() {
	const bad = [];

	all("details").forEach(entry => { entry.open = true; });
	for (const one of all("body *").filter(hasText)) {
		if (one.closest("svg") && one.tagName !== "text" || one.tagName === "SCRIPT" || one.tagName === "STYLE")
			continue;
		const style = getComputedStyle(one), drawn = one.tagName === "text";
		const ratio = contrast(rgb(drawn ? style.fill : style.color).rgb,
				       drawn ? drawnGround(one) : ground(one));

		if (ratio < 4.5)
			bad.push(ratio.toFixed(2) + ": " + one.tagName + " " + one.textContent.trim().slice(0, 40));
	}
	ok("text has a contrast of at least 4.5", bad);
}

function width() {
	const bad = [];

	if (document.scrollingElement.scrollWidth > innerWidth)
		bad.push(document.scrollingElement.scrollWidth + " wide in a window of " + innerWidth);
	ok("what is wide scrolls by itself, the page does not", bad);
}

ids();
colours();
width();
links();
results.push("# " + filters() + " choices of filters");

const pre = document.createElement("pre");

pre.id = "tap";
pre.textContent = "\n" + results.join("\n") + "\n";
document.body.append(pre);
