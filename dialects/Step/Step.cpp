#include "dialects/Step/Step.h"

using namespace mlir;
using namespace ph::step;

#include "dialects/Step/Dialect.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Step/Ops.cpp.inc"

void StepDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/Step/Ops.cpp.inc"
      >();
}
