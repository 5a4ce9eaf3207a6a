#include "Scalar.h"
#include "runtime/base/Quote.h"
#include <charconv>

namespace ph {

std::optional<double> asReal(const Scalar &value) {
  if (auto *integer = std::get_if<int64_t>(&value))
    return static_cast<double>(*integer);
  if (auto *real = std::get_if<double>(&value))
    return *real;
  return std::nullopt;
}

static std::string optionText(const RopeSettings::Option &option) {
  if (auto *flag = std::get_if<bool>(&option))
    return toString(*flag);
  if (auto *integer = std::get_if<int64_t>(&option))
    return toString(*integer);
  if (auto *real = std::get_if<double>(&option))
    return toString(*real);
  std::vector<Scalar> items;
  for (double number : std::get<std::vector<double>>(option))
    items.emplace_back(number);
  return toString(makeList(std::move(items)));
}

std::string toString(const Scalar &value) {
  if (auto *flag = std::get_if<bool>(&value))
    return *flag ? "true" : "false";
  if (auto *integer = std::get_if<int64_t>(&value))
    return std::to_string(*integer);
  if (auto *text = std::get_if<std::string>(&value))
    return quoteText(*text);
  if (auto *list = std::get_if<std::shared_ptr<const ScalarList>>(&value)) {
    std::string result;
    for (const Scalar &item : (*list)->items)
      result += (result.empty() ? "" : ", ") + toString(item);
    return "[" + result + "]";
  }
  if (auto *rope = std::get_if<std::shared_ptr<const RopeSettings>>(&value)) {
    const RopeSettings &r = **rope;
    std::string result = "rope(dim = " + std::to_string(r.dim) + ", base = " + toString(r.base) +
                         ", style = " + r.style + ", scaling = " + r.scaling;
    if (r.scaling != "none")
      result += ", factor = " + toString(r.factor);
    for (const auto &[name, option] : r.options)
      result += ", " + name + " = " + optionText(option);
    return result + ")";
  }
  char buffer[32];
  auto end = std::to_chars(buffer, buffer + sizeof(buffer), std::get<double>(value)).ptr;
  return std::string(buffer, end);
}

} // namespace ph
