// Tensors that hold the numbers of their own places, as exporters write masks.
#include "TensorBuilder.h"

using namespace mlir;

namespace ph::onnx_import {

std::optional<int64_t> TensorBuilder::coordinateOf(Value tensor) const {
  auto found = coordinates.find(tensor);
  return found == coordinates.end() ? std::nullopt : std::optional(found->second);
}

ArrayRef<Value> TensorBuilder::columnsOf(Value tensor) const {
  auto found = columns.find(tensor);
  return found == columns.end() ? ArrayRef<Value>() : ArrayRef(found->second);
}

std::optional<TensorBuilder::FlatPlace> TensorBuilder::flatPlaceOf(Value tensor) const {
  auto found = flatPlaces.find(tensor);
  return found == flatPlaces.end() ? std::nullopt : std::optional(found->second);
}

void TensorBuilder::notePlace(xf::BinaryKind kind, Value x, Value y, Value result) {
  for (auto [one, other] : {std::pair(x, y), std::pair(y, x)}) {
    int64_t shift = rankOf(result) - rankOf(one);
    if (kind == xf::BinaryKind::Mul)
      if (auto row = coordinateOf(one))
        if (Size length = scalars.lookup(other))
          rows.try_emplace(result, *row + shift, length);
    if (kind != xf::BinaryKind::Add)
      continue;
    auto row = rows.find(one);
    std::optional<int64_t> column = coordinateOf(other);
    if (row != rows.end() && column)
      flatPlaces.try_emplace(
          result, FlatPlace{row->second.first + shift, *column + rankOf(result) - rankOf(other), row->second.second});
  }
}

} // namespace ph::onnx_import
