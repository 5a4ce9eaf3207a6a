// Everything that ph-opt knows: dialects, their interfaces, and passes.
#pragma once
#include "mlir/IR/DialectRegistry.h"

void registerEverything(mlir::DialectRegistry &registry);
