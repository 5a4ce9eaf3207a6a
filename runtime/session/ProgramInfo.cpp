#include "runtime/session/ProgramInfo.h"
#include <algorithm>

namespace ph {
namespace {

struct Element {
  TensorElement element;
  std::string_view name;
  int64_t bytes;
};
constexpr Element elements[] = {{TensorElement::F32, "f32", 4},
                                {TensorElement::F16, "f16", 2},
                                {TensorElement::I32, "i32", 4},
                                {TensorElement::Bool, "i1", 1},
                                {TensorElement::I8, "i8", 1}};

int findByName(const std::vector<ProgramTensor> &list, std::string_view name) {
  auto found = std::find_if(list.begin(), list.end(), [&](const ProgramTensor &t) { return t.name == name; });
  return found == list.end() ? -1 : int(found - list.begin());
}

} // namespace

int64_t elementBytes(TensorElement element) { return elements[int(element)].bytes; }
std::string_view tensorElementName(TensorElement element) { return elements[int(element)].name; }

std::optional<TensorElement> parseTensorElement(std::string_view name) {
  for (const Element &known : elements)
    if (known.name == name)
      return known.element;
  return std::nullopt;
}

int64_t ProgramTensor::dynamicSizes() const { return std::count(shape.begin(), shape.end(), -1); }
int ProgramInfo::findInput(std::string_view name) const { return findByName(inputs, name); }
int ProgramInfo::findResult(std::string_view name) const { return findByName(results, name); }

} // namespace ph
