/* The model's test vectors and quantization tables, as exported in test_vectors.h:
   - TEST_VECTORS; test_inputs[MODEL_INPUTS] and test_outputs[MODEL_OUTPUTS] of struct test_port:
     little-endian bytes, `size` of them a vector, and the port's place in the arena;
   - TEST_QUANTIZATIONS (0 for a model without quantized ports) and, if it is not 0,
     test_quantizations[] of struct test_quantization: tables of a code and the bits of a float, in
     both directions. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Written before every inference: the memory plan may reuse the inputs' bytes. */
void vectors_load(uint32_t vector);

uint32_t vectors_count(void);

/* Runs every vector; how many of them gave another output than the reference. */
uint32_t vectors_mismatches(void);

/* How many values of the tables quantize.h is compared on, and how many came out differently. */
uint32_t quantize_count(void);
uint32_t quantize_mismatches(void);

#ifdef __cplusplus
}
#endif

#endif
