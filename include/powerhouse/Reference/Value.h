// Values of the interpreter: tensors and caches on the host.
#pragma once
#include "mlir/IR/BuiltinTypes.h"
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace ph::reference {

/// A row-major tensor. Elements are kept as doubles whatever their type: f32 values are rounded when an op gives them,
/// and i32 is exact.
struct Tensor {
  llvm::SmallVector<int64_t> shape;
  std::vector<double> data;

  Tensor() = default;
  /// All zeros.
  explicit Tensor(llvm::ArrayRef<int64_t> shape);
  Tensor(llvm::ArrayRef<int64_t> shape, std::vector<double> data);

  /// The last dimension; 1 for a scalar.
  int64_t columns() const { return shape.empty() ? 1 : shape.back(); }
  /// The product of all other dimensions.
  int64_t rows() const { return columns() ? int64_t(data.size()) / columns() : 0; }
  double *row(int64_t index) { return data.data() + index * columns(); }
  const double *row(int64_t index) const { return data.data() + index * columns(); }
};

/// The keys and values of one layer: for each sequence of the batch, [positions, heads * head_dim]. Sequences may have
/// different numbers of positions.
struct CacheLayer {
  struct Sequence {
    std::vector<double> keys, values;
  };
  std::vector<Sequence> sequences;
};

/// Keys and values of all layers. Layers are shared between caches that differ in others.
struct Cache {
  std::vector<std::shared_ptr<const CacheLayer>> layers;
};

/// A tensor, a cache or a scalar integer (index). Cheap to copy; immutable.
class Value {
public:
  Value() = default;
  Value(Tensor tensor) : state(std::make_shared<const Tensor>(std::move(tensor))) {}
  Value(Cache cache) : state(std::make_shared<const Cache>(std::move(cache))) {}
  Value(int64_t integer) : state(integer) {}

  bool isTensor() const { return std::holds_alternative<std::shared_ptr<const Tensor>>(state); }
  bool isCache() const { return std::holds_alternative<std::shared_ptr<const Cache>>(state); }
  bool isInteger() const { return std::holds_alternative<int64_t>(state); }
  const Tensor &tensor() const { return *std::get<std::shared_ptr<const Tensor>>(state); }
  const Cache &cache() const { return *std::get<std::shared_ptr<const Cache>>(state); }
  int64_t integer() const { return std::get<int64_t>(state); }

private:
  std::variant<std::monostate, std::shared_ptr<const Tensor>, std::shared_ptr<const Cache>, int64_t> state;
};

/// "[2, 12, 320]".
std::string shapeText(llvm::ArrayRef<int64_t> shape);

/// An empty cache of the given number of layers.
Cache emptyCache(int64_t layers);

/// What an int8 encoding makes of `count` values (a multiple of `block`): each block is replaced by scale * code with
/// scale = max|x| / 127 (as f32 if `single`) and code = x / scale rounded to the nearest integer, ties to even.
void roundThroughInt8(double *values, int64_t count, int64_t block, bool single);

/// Each value rounded to f32 and then to the nearest of bf16 or f16, ties to even.
void roundThroughFloat16(std::vector<double> &values, bool bfloat);

} // namespace ph::reference
