// ph-lsp-server: a language server for .mlir files with xf in them: diagnostics, hover, completion, go to definition.
#include "mlir/Support/LogicalResult.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "tools/ph-opt/Registry.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registerEverything(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}
