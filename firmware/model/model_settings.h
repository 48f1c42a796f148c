/* What the model is called, how numbers become codes, and what TensorFlow Lite for
 * Microcontrollers needs for it. Generated; do not edit. */
#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H 0x453abb3d

#define MODEL_TASK "sine-16x16"
#define MODEL_VARIANT "int8"
#define MODEL_SHA256 "453abb3d7911ee02a5f6bf5c90101648a0ad8916aa29c8b668e1ed5181eb9535"

#define MODEL_INPUT_0_TYPE int8_t
#define MODEL_INPUT_0_RANK 2
#define MODEL_INPUT_0_SHAPE {1, 1}
#define MODEL_INPUT_0_SCALE 0.0245739762f
#define MODEL_INPUT_0_ZERO_POINT (-128)
#define MODEL_INPUT_0_MIN (-128)
#define MODEL_INPUT_0_MAX 127

#define MODEL_OUTPUT_0_TYPE int8_t
#define MODEL_OUTPUT_0_RANK 2
#define MODEL_OUTPUT_0_SHAPE {1, 1}
#define MODEL_OUTPUT_0_SCALE 0.00824415591f
#define MODEL_OUTPUT_0_ZERO_POINT (-2)
#define MODEL_OUTPUT_0_MIN (-128)
#define MODEL_OUTPUT_0_MAX 127

/* The generated code's operators, in the order in which they run. */
#define MODEL_OPERATOR_NAMES {"FULLY_CONNECTED", "FULLY_CONNECTED", "FULLY_CONNECTED"}

/* For TensorFlow Lite for Microcontrollers. Its arena was measured with 64-bit pointers:
 * a 32-bit processor needs less. */
#define MODEL_TFLM_ARENA_BYTES 1760
#define MODEL_TFLM_OPERATORS 1
#define MODEL_TFLM_ADD_OPERATORS(resolver) \
  do { \
    (resolver).AddFullyConnected(); \
  } while (0)

#elif MODEL_SETTINGS_H != 0x453abb3d
#error "two models have the prefix model: export one of them with --prefix NAME"
#endif
