/* The .tflite file as an array, for TensorFlow Lite for Microcontrollers. */
#ifndef MODEL_DATA_H
#define MODEL_DATA_H 0x453abb3d

#ifdef __cplusplus
extern "C" {
#endif

extern const unsigned char g_model[];
extern const unsigned int g_model_len;

#ifdef __cplusplus
}
#endif

#elif MODEL_DATA_H != 0x453abb3d
#error "two models have the prefix model: export one of them with --prefix NAME"
#endif
