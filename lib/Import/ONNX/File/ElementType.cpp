#include "ElementType.h"
#include <iterator>

namespace ph::onnx_import {

static constexpr ElementType kTypes[] = {
    {1, "float", 4, "f32", ElementType::Float},
    {2, "uint8", 1, nullptr, ElementType::Integer, false},
    {3, "int8", 1, "i8", ElementType::Integer},
    {4, "uint16", 2, nullptr, ElementType::Integer, false},
    {5, "int16", 2, "i16", ElementType::Integer},
    {6, "int32", 4, "i32", ElementType::Integer},
    {7, "int64", 8, "i64", ElementType::Integer},
    {8, "string", 0, nullptr, ElementType::Other},
    {9, "bool", 1, nullptr, ElementType::Bool},
    {10, "float16", 2, "f16", ElementType::Float},
    {11, "double", 8, "f64", ElementType::Float},
    {12, "uint32", 4, nullptr, ElementType::Integer, false},
    {13, "uint64", 8, nullptr, ElementType::Integer, false},
    {14, "complex64", 8, nullptr, ElementType::Other},
    {15, "complex128", 16, nullptr, ElementType::Other},
    {16, "bfloat16", 2, "bf16", ElementType::Float},
    {17, "float8e4m3fn", 1, nullptr, ElementType::Other},
    {18, "float8e4m3fnuz", 1, nullptr, ElementType::Other},
    {19, "float8e5m2", 1, nullptr, ElementType::Other},
    {20, "float8e5m2fnuz", 1, nullptr, ElementType::Other},
    {21, "uint4", 0, nullptr, ElementType::Other, false},
    {22, "int4", 0, nullptr, ElementType::Other},
    {23, "float4e2m1", 0, nullptr, ElementType::Other},
    {24, "float8e8m0", 1, nullptr, ElementType::Other},
    {25, "uint2", 0, nullptr, ElementType::Other, false},
    {26, "int2", 0, nullptr, ElementType::Other},
};

const ElementType *findElementType(int32_t number) {
  for (const ElementType &type : kTypes)
    if (type.number == number)
      return &type;
  return nullptr;
}

} // namespace ph::onnx_import
