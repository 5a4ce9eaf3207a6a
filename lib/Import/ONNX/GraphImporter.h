// The state of an import: what the values of a graph have become so far.
#pragma once
#include "OnnxSource.h"
#include "TensorBuilder.h"
#include "llvm/ADT/StringMap.h"

namespace ph::onnx_import {

/// A small tensor of integers or booleans whose elements are known one by one: numbers, or indices computed from sizes.
/// So shape arithmetic needs no tensors.
struct Elements {
  llvm::SmallVector<int64_t> shape;
  Sizes values;

  static constexpr int64_t kMost = 1024;
};

/// A value of the graph: a tensor, or elements that become one when somebody asks.
struct Entry {
  mlir::Value tensor;
  const ElementType *type = nullptr;
  std::optional<Elements> elements;
  const FileTensor *file = nullptr; ///< where the value is one of the file's tensors
};

/// The values that the nodes of a graph can name: its own, and those around it.
struct Scope {
  llvm::StringMap<Entry> entries;
  Scope *outer = nullptr;
  /// Of a function of the model: the node that calls it, and its own description.
  const onnx::NodeProto *caller = nullptr;
  const onnx::FunctionProto *function = nullptr;
  Scope *around = nullptr; ///< that of the caller

  Entry *find(llvm::StringRef name) {
    for (Scope *scope = this; scope; scope = scope->outer)
      if (auto found = scope->entries.find(name); found != scope->entries.end())
        return &found->second;
    return nullptr;
  }
};

class Node;

class GraphImporter {
public:
  GraphImporter(mlir::MLIRContext &context, const OnnxSource &source, bool beginsText = false);

  /// Whether inputs or outputs were left out, as a text that begins has none of them.
  bool hasLess() const { return !begun.empty(); }
  Expected<mlir::OwningOpRef<mlir::ModuleOp>> run();

  TensorBuilder b;
  const OnnxFile &file;

  /// Reads the nodes of a graph in a new scope, whose inputs get `inputs`; gives what its outputs are.
  llvm::SmallVector<Entry> readGraph(const onnx::GraphProto &graph, llvm::ArrayRef<Entry> inputs, Scope *outer);
  void readNode(const onnx::NodeProto &node, Scope &scope);

  mlir::Value tensorOf(Entry &entry);
  Entry entryOf(const FileTensor &tensor);
  /// A table of slopes times distances, computed.
  mlir::Value distancesOf(const FileTensor &tensor);
  /// The type that computes with elements; null, with a message, if none does.
  mlir::Type elementType(const ElementType *type);

private:
  Error bad(const std::string &what) const { return {ErrorCode::BadModel, file.path() + ": " + what}; }
  mlir::Value constantOf(const FileTensor &tensor);
  mlir::Value weightOf(const FileTensor &tensor);
  Entry readInput(const onnx::ValueInfoProto &input, mlir::Value argument);
  /// The value of an input that is no argument, of a text that begins with these tokens.
  Entry beginText(const onnx::ValueInfoProto &input, mlir::Value tokens);
  /// Says of the names of sizes what they are in a text that begins.
  void nameSizes(const onnx::ValueInfoProto &input, mlir::Value tokens);
  /// The nodes of a function that the model brings along, in a scope of their own.
  void readFunction(const onnx::FunctionProto &function, Node &call);
  const onnx::FunctionProto *findFunction(const std::string &domain, const std::string &name) const;
  void readInitializers(const onnx::GraphProto &graph, Scope &scope);
  mlir::RankedTensorType inputType(const onnx::ValueInfoProto &input);
  /// Believes what the file says of the sizes of a node's results.
  void readDeclared(const onnx::NodeProto &node, Scope &scope);
  mlir::Value outputOf(Entry &entry, const onnx::ValueInfoProto &output);

  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::StringMap<const onnx::ValueInfoProto *> declared;
  llvm::StringMap<Size> namedSizes; ///< of the inputs' dimensions that have names
  llvm::DenseMap<const FileTensor *, xf::WeightOp> weights;
  bool beginsText;
  llvm::SmallVector<const onnx::ValueInfoProto *> begun; ///< inputs that are no arguments
  std::string where;                                     ///< the node that is read
  int calls = 0;                                         ///< of functions, in one another
};

} // namespace ph::onnx_import
