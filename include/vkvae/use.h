// What a trained model is used for. Included by vkvae.h, whose conventions hold here.
#ifndef VKVAE_USE_H
#define VKVAE_USE_H

#include "vkvae.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
