/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - what libFuzzer calls
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
