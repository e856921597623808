// SPDX-License-Identifier: GPL-2.0-only
/*
 * scale.c - removals by the number of drives: a table, and a picture
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "slotgate/scale.h"

static const char *const kinds[SG_SCALE_KINDS] = { "stock", "slotgate" };

/* ---- table ---- */

static bool has_other(const struct sg_scale_point *points, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int kind = 0; kind < SG_SCALE_KINDS; kind++)
			if (points[i].other[kind] >= 0)
				return true;
	return false;
}

static void put_seconds(FILE *out, double seconds)
{
	if (seconds < 0)
		fputs(" - |", out);
	else
		fprintf(out, " %.2f s |", seconds);
}

static void put_ratio(FILE *out, double over, double under)
{
	if (over < 0 || under <= 0)
		fputs(" - |", out);
	else
		fprintf(out, " %.1f |", over / under);
}

static void put_head(FILE *out, bool other)
{
	fputs("| drives |", out);
	for (int kind = 0; kind < SG_SCALE_KINDS; kind++)
		fprintf(out, other ? " %s | %s, another slot |" : " %s |", kinds[kind], kinds[kind]);
	fputs(" stock / slotgate |\n|---|", out);
	for (int column = 0; column <= (other ? 2 : 1) * SG_SCALE_KINDS; column++)
		fputs("---|", out);
	fputc('\n', out);
}

static void put_row(FILE *out, const struct sg_scale_point *point, bool other)
{
	fprintf(out, "| %u |", point->drives);
	for (int kind = 0; kind < SG_SCALE_KINDS; kind++) {
		put_seconds(out, point->seconds[kind]);
		if (other)
			put_seconds(out, point->other[kind]);
	}
	put_ratio(out, point->seconds[SG_SCALE_STOCK], point->seconds[SG_SCALE_SLOTGATE]);
	fputc('\n', out);
}

static void put_growth(FILE *out, const struct sg_scale_point *first,
		       const struct sg_scale_point *last)
{
	for (int kind = 0; kind < SG_SCALE_KINDS; kind++)
		if (first->seconds[kind] > 0 && last->seconds[kind] >= 0)
			fprintf(out, "%s: %.2f times as long for %u drives as for %u.\n", kinds[kind],
				last->seconds[kind] / first->seconds[kind], last->drives,
				first->drives);
}

char *sg_scale_markdown(const struct sg_scale_point *points, size_t count)
{
	bool other = has_other(points, count);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put_head(out, other);
	for (size_t i = 0; i < count; i++)
		put_row(out, &points[i], other);
	if (count > 1)
		put_growth(out, &points[0], &points[count - 1]);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* ---- picture ---- */

enum { WIDTH = 640, HEIGHT = 400, LEFT = 60, RIGHT = 620, TOP = 40, BOTTOM = 350, TICKS = 8 };

static const char *const colours[SG_SCALE_KINDS] = { "#c0392b", "#2471a3" };

struct frame {
	double drives, seconds;		/* at the right and upper end */
};

static double x_of(const struct frame *frame, double drives)
{
	return LEFT + (RIGHT - LEFT) * drives / frame->drives;
}

static double y_of(const struct frame *frame, double seconds)
{
	return BOTTOM - (BOTTOM - TOP) * seconds / frame->seconds;
}

/* 1, 2 or 5 times a power of ten, so that no more than TICKS of them fit. */
static double step_of(double range)
{
	static const double factors[] = { 2, 2.5, 2 };
	double step = 0.001;

	for (int i = 0; range / step > TICKS; i = (i + 1) % 3)
		step *= factors[i];
	return step;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static struct frame frame_of(const struct sg_scale_point *points, size_t count)
{
	struct frame frame = { 1, 0.1 };

	for (size_t i = 0; i < count; i++) {
		frame.drives = larger(frame.drives, points[i].drives);
		for (int kind = 0; kind < SG_SCALE_KINDS; kind++)
			frame.seconds = larger(frame.seconds, points[i].seconds[kind]);
	}
	frame.seconds *= 1.05;
	return frame;
}

static void put_text(FILE *out, double x, double y, const char *anchor, const char *colour,
		     const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n", x, y,
		anchor, colour, text);
}

static void put_line(FILE *out, double x1, double y1, double x2, double y2, const char *colour)
{
	fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1, y1,
		x2, y2, colour);
}

static void put_axes(FILE *out, const struct frame *frame, const struct sg_scale_point *points,
		     size_t count)
{
	double step = step_of(frame->seconds);
	char text[32];

	for (double at = 0; at <= frame->seconds; at += step) {
		snprintf(text, sizeof(text), "%g", at);
		put_line(out, LEFT, y_of(frame, at), RIGHT, y_of(frame, at), at > 0 ? "#ddd" : "#000");
		put_text(out, LEFT - 8, y_of(frame, at) + 4, "end", "#000", text);
	}
	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%u", points[i].drives);
		put_line(out, x_of(frame, points[i].drives), BOTTOM, x_of(frame, points[i].drives),
			 BOTTOM + 4, "#000");
		put_text(out, x_of(frame, points[i].drives), BOTTOM + 18, "middle", "#000", text);
	}
	put_text(out, (LEFT + RIGHT) / 2.0, BOTTOM + 38, "middle", "#000", "drives pulled at once");
	put_text(out, LEFT - 8, TOP - 14, "end", "#000", "s");
}

static void put_curve(FILE *out, const struct frame *frame, const struct sg_scale_point *points,
		      size_t count, int kind)
{
	fprintf(out, "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"", colours[kind]);
	for (size_t i = 0; i < count; i++)
		if (points[i].seconds[kind] >= 0)
			fprintf(out, "%.1f,%.1f ", x_of(frame, points[i].drives),
				y_of(frame, points[i].seconds[kind]));
	fputs("\"/>\n", out);
	for (size_t i = 0; i < count; i++)
		if (points[i].seconds[kind] >= 0)
			fprintf(out, "<circle r=\"3\" cx=\"%.1f\" cy=\"%.1f\" fill=\"%s\"/>\n",
				x_of(frame, points[i].drives), y_of(frame, points[i].seconds[kind]),
				colours[kind]);
	put_text(out, LEFT + 16, TOP + 8 + 20 * kind, "start", colours[kind], kinds[kind]);
}

char *sg_scale_svg(const struct sg_scale_point *points, size_t count, const char *release)
{
	struct frame frame = frame_of(points, count);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", WIDTH, HEIGHT, WIDTH, HEIGHT);
	put_text(out, (LEFT + RIGHT) / 2.0, TOP - 14, "middle", "#000", release);
	put_axes(out, &frame, points, count);
	for (int kind = 0; kind < SG_SCALE_KINDS; kind++)
		put_curve(out, &frame, points, count, kind);
	fputs("</svg>\n", out);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}
