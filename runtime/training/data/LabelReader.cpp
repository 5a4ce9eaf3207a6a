#include "runtime/training/data/LabelReader.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/HubFiles.h"
#include <algorithm>
#include <cmath>

namespace ph::training {

Expected<LabelReader> LabelReader::create(const GgufFile &metadata, const std::string &loss) {
  auto config = hubFile(metadata, "config.json");
  if (!config)
    return config.error();
  if (!config->is_object())
    return Error{ErrorCode::BadModel, "loss: " + loss +
                                          " needs a folder of the Hugging Face hub, whose config.json says "
                                          "which classes there are"};
  LabelReader reader;
  reader.loss = loss;
  constexpr int64_t defaultCount = 2, most = 1 << 20;
  const nlohmann::json *known = jsonMember(*config, "id2label");
  const int64_t count =
      known && known->is_object() ? int64_t(known->size()) : jsonInteger(*config, "num_labels").value_or(defaultCount);
  if (count < 1 || count > most)
    return Error{ErrorCode::BadModel, "config.json: " + std::to_string(count) + " labels are none, or too many"};
  for (int64_t i = 0; i < count; ++i) {
    const std::string *name = known ? jsonString(*known, std::to_string(i).c_str()) : nullptr;
    reader.names.push_back(name ? *name : "LABEL_" + std::to_string(i));
  }
  return reader;
}

Expected<size_t> LabelReader::classOf(const nlohmann::ordered_json &label, const std::string &where) const {
  if (label.is_number_integer()) {
    const auto number = label.get<int64_t>();
    if ((label.is_number_unsigned() && label.get<uint64_t>() > uint64_t(INT64_MAX)) || number < 0 ||
        number >= outputs())
      return Error{ErrorCode::Failed, where + ": there is no class " + label.dump() + "; the model has 0 to " +
                                          std::to_string(outputs() - 1)};
    return size_t(number);
  }
  if (!label.is_string())
    return Error{ErrorCode::Failed, where + ": label is " + label.type_name() + ", not the number or name of a class"};
  const auto &name = label.get_ref<const std::string &>();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return Error{ErrorCode::Failed, where + ": there is no class " + quoteText(name) +
                                        " among id2label of config.json; "
                                        "the first is " +
                                        quoteText(names.front())};
  return size_t(found - names.begin());
}

Expected<std::vector<float>> LabelReader::numbers(const nlohmann::ordered_json &label, const std::string &where) const {
  std::vector<float> values;
  for (const auto &each : label) {
    if (!each.is_number() || !std::isfinite(float(each.get<double>())))
      return Error{ErrorCode::Failed,
                   where + ": label has " +
                       each.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace).substr(0, 40) +
                       ", which is no finite number"};
    values.push_back(float(each.get<double>()));
  }
  if (int64_t(values.size()) != outputs())
    return Error{ErrorCode::Failed, where + ": label has " + std::to_string(values.size()) +
                                        " numbers, but the model gives " + std::to_string(outputs())};
  return values;
}

Expected<std::vector<float>> LabelReader::read(const nlohmann::ordered_json &label, const std::string &where) const {
  if (loss == "classification") {
    auto number = classOf(label, where);
    return number ? Expected<std::vector<float>>(std::vector<float>{float(*number)}) : number.error();
  }
  if (loss == "regression")
    return numbers(label.is_array() ? label : nlohmann::ordered_json::array({label}), where);
  if (!label.is_array())
    return Error{ErrorCode::Failed, where + ": label is " + label.type_name() + ", not a list of classes"};
  if (std::any_of(label.begin(), label.end(), [](const auto &each) { return each.is_number_float(); })) {
    auto values = numbers(label, where);
    if (values && std::any_of(values->begin(), values->end(), [](float value) { return value < 0 || value > 1; }))
      return Error{ErrorCode::Failed, where + ": label has a probability that is not from 0 to 1"};
    return values;
  }
  std::vector<float> values(names.size());
  for (const auto &each : label) {
    auto number = classOf(each, where);
    if (!number)
      return number.error();
    if (values[*number]++ > 0)
      return Error{ErrorCode::Failed, where + ": label names the class " + std::to_string(*number) +
                                          " twice; probabilities are written with a fraction, as 1.0"};
  }
  return values;
}

} // namespace ph::training
