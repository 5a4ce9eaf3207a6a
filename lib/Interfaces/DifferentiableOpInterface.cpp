#include "powerhouse/Interfaces/DifferentiableOpInterface.h"

#include "lib/Interfaces/DifferentiableOpInterface.cpp.inc"
