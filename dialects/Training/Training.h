// The train dialect: losses, optimizers, and what stands between them and a model. One header for its ops.
#pragma once
#include "dialects/Transformer/Transformer.h"

#include "dialects/Training/Dialect.h.inc"
#include "dialects/Training/Enums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Training/Attributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/Training/Ops.h.inc"
