#include "powerhouse/Interfaces/ReferenceOpInterface.h"

#include "lib/Interfaces/ReferenceOpInterface.cpp.inc"
