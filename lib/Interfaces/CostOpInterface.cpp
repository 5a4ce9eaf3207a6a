#include "powerhouse/Interfaces/CostOpInterface.h"

#include "lib/Interfaces/CostOpInterface.cpp.inc"
