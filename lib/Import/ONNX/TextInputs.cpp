#include "TextInputs.h"

namespace ph::onnx_import {

/// More heads, or elements of one, are no model's.
static constexpr int64_t kMostSize = 1 << 20;

TextInput textInputOf(const onnx::ValueInfoProto &input) {
  const std::string &name = input.name();
  if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape())
    return TextInput::Other;
  const auto &tensor = input.type().tensor_type();
  const ElementType *type = findElementType(tensor.elem_type());
  if (!type)
    return TextInput::Other;
  const bool integers = type->kind == ElementType::Integer;
  const int rank = tensor.shape().dim_size();
  if (integers && rank == 2 && name == "input_ids")
    return TextInput::Tokens;
  if (integers && rank == 2 && name == "attention_mask")
    return TextInput::Padding;
  if (integers && ((rank == 2 && name == "position_ids") || (rank == 1 && name == "cache_position")))
    return TextInput::Positions;
  const bool isPast = name.starts_with("past_key") && (name.ends_with(".key") || name.ends_with(".value"));
  const auto isSize = [&](int axis) {
    return tensor.shape().dim(axis).dim_value() > 0 && tensor.shape().dim(axis).dim_value() <= kMostSize;
  };
  if (type->kind == ElementType::Float && rank == 4 && isPast && !tensor.shape().dim(2).has_dim_value() && isSize(1) &&
      isSize(3))
    return TextInput::Past;
  if (rank <= 1 && ((type->kind == ElementType::Bool && name == "use_cache_branch") ||
                    (integers && (name == "num_logits_to_keep" || name == "logits_to_keep"))))
    return TextInput::Nothing;
  return TextInput::Other;
}

bool isPresent(const std::string &output) { return output.starts_with("present"); }

} // namespace ph::onnx_import
