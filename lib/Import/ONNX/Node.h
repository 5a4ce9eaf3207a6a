// A node while it is read: its operands, attributes and results. What is missing or of another kind gets a message, and
// a value that does no harm.
#pragma once
#include "GraphImporter.h"

namespace ph::onnx_import {

class Node {
public:
  Node(GraphImporter &importer, const onnx::NodeProto &proto, Scope &scope, int64_t opset)
      : g(importer), b(importer.b), proto(proto), scope(scope), opset(opset) {}

  GraphImporter &g;
  TensorBuilder &b;
  const onnx::NodeProto &proto;
  Scope &scope;
  const int64_t opset; ///< the version of the operators of its domain

  // --- Operands ---
  int inputs() const { return proto.input_size(); }
  /// Whether operand `index` is given.
  bool has(int index) const { return index < proto.input_size() && !proto.input(index).empty(); }
  /// Null, with a message, if there is none.
  Entry *entry(int index);
  mlir::Value tensor(int index);
  /// Null where it isn't given.
  mlir::Value optional(int index) { return has(index) ? tensor(index) : mlir::Value(); }
  const ElementType *type(int index);
  const Elements *elements(int index);
  /// A message if one is null or has no integers.
  bool areIntegers(llvm::ArrayRef<mlir::Value> tensors);
  /// The elements of an operand of rank 0 or 1, of a tensor that is computed too.
  std::optional<Sizes> sizes(int index);
  /// An operand that must be constant integers.
  std::optional<llvm::SmallVector<int64_t>> integers(int index);
  /// An operand that must be one constant number.
  std::optional<double> constantNumber(int index);

  // --- Attributes ---
  const onnx::AttributeProto *attribute(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t otherwise);
  double real(llvm::StringRef name, double otherwise);
  std::string text(llvm::StringRef name, llvm::StringRef otherwise);
  std::optional<llvm::SmallVector<int64_t>> integerList(llvm::StringRef name);
  const onnx::GraphProto *graph(llvm::StringRef name);
  /// The axis that an attribute names, counted from the end where it is negative; a message if `rank` has none such.
  int64_t axis(llvm::StringRef name, int64_t otherwise, int64_t rank);
  int64_t wrapAxis(int64_t axis, int64_t rank);
  /// Axes, wrapped and in ascending order, each once.
  std::optional<llvm::SmallVector<int64_t>> wrapAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);
  /// Of operand `index` from opset `since` on, of the attribute `axes` before; nothing where neither is given.
  std::optional<llvm::SmallVector<int64_t>> axesOf(int index, int64_t since, int64_t rank);

  // --- Results ---
  int results() const { return proto.output_size(); }
  bool wants(int index) const { return index < proto.output_size() && !proto.output(index).empty(); }
  /// With the type of operand 0 where none is given.
  void give(int index, mlir::Value tensor, const ElementType *type = nullptr);
  void give(int index, Elements elements, const ElementType *type);
  void give(int index, Entry entry);

  mlir::Value fail(const llvm::Twine &message) { return b.fail(message); }
};

using Handler = void (*)(Node &);

/// What reads the operators of a family: the first opset that has the operator with the meaning that is read.
struct Operator {
  llvm::StringLiteral name;
  Handler read;
  int64_t since = 1;
};

llvm::ArrayRef<Operator> attentionOperators();
llvm::ArrayRef<Operator> constantOperators();
llvm::ArrayRef<Operator> contractionOperators();
llvm::ArrayRef<Operator> controlOperators();
llvm::ArrayRef<Operator> convolutionOperators();
llvm::ArrayRef<Operator> elementwiseOperators();
llvm::ArrayRef<Operator> gatherOperators();
llvm::ArrayRef<Operator> integerOperators();
llvm::ArrayRef<Operator> lossOperators();
llvm::ArrayRef<Operator> normalizationOperators();
llvm::ArrayRef<Operator> orderOperators();
llvm::ArrayRef<Operator> quantizationOperators();
llvm::ArrayRef<Operator> reduceOperators();
llvm::ArrayRef<Operator> resizeOperators();
llvm::ArrayRef<Operator> shapeOperators();
llvm::ArrayRef<Operator> statefulOperators();

/// The operator of ONNX's own domain; null if none of that name is read.
const Operator *findOperator(llvm::StringRef name);

/// Whether the node was computed from elements alone.
bool computeElements(Node &node);

inline const ElementType *floatType() { return findElementType(onnx::TensorProto::FLOAT); }
inline const ElementType *int64Type() { return findElementType(onnx::TensorProto::INT64); }
inline const ElementType *boolType() { return findElementType(onnx::TensorProto::BOOL); }

} // namespace ph::onnx_import
