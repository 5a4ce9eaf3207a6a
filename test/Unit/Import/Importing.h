// Imports a checkpoint in one call.
#pragma once
#include "TinyGguf.h"
#include "dialects/Transformer/Transformer.h"
#include "powerhouse/Import/Import.h"

namespace ph {

/// A context with what the importer needs.
struct ImportContext : mlir::MLIRContext {
  ImportContext() { loadDialect<xf::XFDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect>(); }
};

inline Expected<ImportedModel> importFile(mlir::MLIRContext &context, const std::string &path,
                                          const ImportOptions &options = {}) {
  auto source = openSource(path);
  if (!source)
    return source.error();
  return importModel(context, **source, options);
}

/// What importing says: the error's message, or "imported".
inline std::string importError(const TinyGguf &file, const ImportOptions &options = {}) {
  ImportContext context;
  auto imported = importFile(context, file.write("import.gguf"), options);
  if (imported)
    return "imported";
  return imported.error().code == ErrorCode::BadModel ? imported.error().message : "not BadModel";
}

inline std::string print(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  return text;
}

} // namespace ph
