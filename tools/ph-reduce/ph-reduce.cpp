// ph-reduce: MLIR's reducer with xf and the passes of this compiler: makes a module small that a script finds
// interesting.
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "tools/ph-opt/Registry.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registerEverything(registry);
  mlir::MLIRContext context(registry);
  return failed(mlir::mlirReduceMain(argc, argv, context));
}
