// The types of elements that ONNX numbers.
#pragma once
#include "runtime/quant/Format.h"
#include <cstdint>

namespace ph::onnx_import {

/// How elements of one type are stored (onnx.proto, TensorProto.DataType) and what computes with them.
struct ElementType {
  int32_t number;
  const char *name;
  uint32_t bytes;     ///< of one element; 0: not of whole bytes, or text
  const char *format; ///< as a weight; null: none
  enum Kind { Float, Integer, Bool, Other } kind;
  bool isSigned = true;
};

/// The row of a number; null if ONNX has none.
const ElementType *findElementType(int32_t number);

} // namespace ph::onnx_import
