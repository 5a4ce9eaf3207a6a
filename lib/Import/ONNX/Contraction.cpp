// Products of matrices.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <map>

using namespace mlir;

namespace ph::onnx_import {

static Value floats(Node &n, int index) {
  Value x = n.tensor(index);
  if (x && !TensorBuilder::isFloat(x))
    return n.fail("expects floats");
  return x;
}

/// As NumPy's matmul: a vector is a row on the left and a column on the right, which the result doesn't have.
static Value matmulOf(TensorBuilder &b, Value x, Value y) {
  if (!x || !y)
    return {};
  int64_t m = TensorBuilder::rankOf(x), k = TensorBuilder::rankOf(y);
  if (m == 0 || k == 0)
    return b.fail("multiplies a number");
  Value result = b.matmul(m == 1 ? b.unsqueeze(x, {0}) : x, k == 1 ? b.unsqueeze(y, {1}) : y);
  if (!result || (m > 1 && k > 1))
    return result;
  Sizes sizes = b.dims(result);
  if (k == 1)
    sizes.pop_back();
  if (m == 1)
    sizes.erase(sizes.end() - (k == 1 ? 1 : 2));
  return b.reshapeTo(result, sizes);
}

static void matmul(Node &n) {
  Value x = n.tensor(0), y = n.tensor(1);
  if (!x || !y)
    return;
  if (TensorBuilder::isFloat(x))
    return n.give(0, matmulOf(n.b, x, floats(n, 1)));
  Value product = matmulOf(n.b, n.b.cast(x, n.b.getF32Type()), n.b.cast(y, n.b.getF32Type()));
  n.give(0, n.b.cast(product, n.b.getI32Type()));
}

static void gemm(Node &n) {
  Value x = floats(n, 0), y = floats(n, 1);
  if (!x || !y)
    return;
  if (TensorBuilder::rankOf(x) != 2 || TensorBuilder::rankOf(y) != 2)
    return void(n.fail("expects matrices"));
  TensorBuilder &b = n.b;
  if (n.integer("transA", 0))
    x = b.transposeLast(x);
  if (n.integer("transB", 0))
    y = b.transposeLast(y);
  double alpha = n.real("alpha", 1), beta = n.real("beta", 1);
  Value result = b.matmul(x, y);
  if (alpha != 1)
    result = b.mul(result, b.f32(alpha));
  if (n.has(2))
    result = b.add(result, beta == 1 ? floats(n, 2) : b.mul(floats(n, 2), b.f32(beta)));
  n.give(0, result);
}

/// The letters of one operand of `rank` dimensions; those that "..." stands for are -1 for the last, -2 before it, ….
static std::optional<std::vector<int>> labelsOf(StringRef text, int64_t rank) {
  std::vector<int> labels;
  int64_t letters = 0;
  for (char c : text)
    letters += llvm::isAlpha(c);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      if (text.substr(i, 3) != "...")
        return std::nullopt;
      i += 2;
      for (int64_t rest = rank - letters; rest > 0; --rest)
        labels.push_back(int(-rest));
    } else if (llvm::isAlpha(text[i])) {
      labels.push_back(text[i]);
    } else {
      return std::nullopt;
    }
  }
  return labels;
}

/// The sum of products over all letters that the result doesn't have.
static void einsum(Node &n) {
  std::string equation;
  for (char c : n.text("equation", ""))
    if (c != ' ')
      equation += c;
  TensorBuilder &b = n.b;
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (int(terms.size()) != n.inputs())
    return void(n.fail("has an equation of another number of operands"));
  std::vector<std::vector<int>> operands;
  SmallVector<Value> tensors;
  std::map<int, int> counts;
  std::map<int, Size> sizes;
  int64_t dots = 0;
  for (auto [i, term] : llvm::enumerate(terms)) {
    Value x = floats(n, int(i));
    if (!x)
      return;
    auto labels = labelsOf(term, TensorBuilder::rankOf(x));
    if (!labels || int64_t(labels->size()) != TensorBuilder::rankOf(x))
      return void(n.fail("has the equation '" + equation + "', which does not fit its operands"));
    for (auto [axis, label] : llvm::enumerate(*labels)) {
      ++counts[label];
      if (label < 0)
        dots = std::max<int64_t>(dots, -label);
      Size size = b.dim(x, int64_t(axis));
      if (auto [at, isNew] = sizes.try_emplace(label, size); !isNew && isConstantIntValue(at->second, 1))
        at->second = size;
    }
    operands.push_back(*labels);
    tensors.push_back(x);
  }
  std::vector<int> result;
  if (equation.find("->") != std::string::npos) {
    auto labels = labelsOf(right, dots + llvm::count_if(right, [](char c) { return llvm::isAlpha(c); }));
    if (!labels)
      return void(n.fail("has the equation '" + equation + "', which is none"));
    result = *labels;
  } else {
    for (auto [label, count] : counts)
      if (label < 0 || count == 1)
        result.push_back(label);
  }
  // One loop for each letter; sums are over those that the result doesn't have.
  std::map<int, unsigned> loops;
  Sizes outer, inner;
  for (int label : result) {
    if (!sizes.contains(label) || !loops.emplace(label, unsigned(loops.size())).second)
      return void(n.fail("has the equation '" + equation + "', whose result is not of its operands"));
    outer.push_back(sizes[label]);
  }
  for (auto [label, size] : sizes)
    if (loops.emplace(label, unsigned(loops.size())).second)
      inner.push_back(size);
  if (inner.empty())
    inner.push_back(b.size(1));
  std::vector<std::vector<Size>> own;
  for (Value x : tensors) {
    Sizes all = b.dims(x);
    own.emplace_back(all.begin(), all.end());
  }
  n.give(0, b.fold(outer, inner, b.scalarNumber(b.getF32Type(), 0), [&](TensorBuilder &b, ValueRange at) {
    Value product;
    for (auto [x, labels, dims] : llvm::zip_equal(tensors, operands, own)) {
      SmallVector<Value> place;
      for (auto [label, size] : llvm::zip_equal(labels, dims))
        place.push_back(isConstantIntValue(size, 1) ? b.index(0) : at[loops[label]]);
      Value element = b.at(x, place);
      product = product ? arith::MulFOp::create(b, product, element).getResult() : element;
    }
    return arith::AddFOp::create(b, at.back(), product).getResult();
  }));
}

ArrayRef<Operator> contractionOperators() {
  static constexpr Operator operators[] = {{"Einsum", einsum, 12}, {"Gemm", gemm}, {"MatMul", matmul}};
  return operators;
}

} // namespace ph::onnx_import
