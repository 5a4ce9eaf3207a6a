#include "ToyEngine.h"
#include "runtime/formats/Safetensors.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <unistd.h>

namespace ph::test {

using namespace ph::training;

ToyEngine::ToyEngine(int32_t vocabulary) : vocabulary(vocabulary) {
  const auto size = size_t(vocabulary) * size_t(vocabulary);
  for (auto *table : {&weights, &gradients, &first, &second})
    table->assign(size, 0.0);
}

/// The sum of log-probabilities of a row's labels; adds `weight` times its gradient if `learn`.
double ToyEngine::sumOfLogs(const Batch &batch, int64_t row, double weight, bool learn, double *count) {
  double sum = 0;
  std::vector<double> p(size_t(vocabulary), 0.0);
  for (int64_t t = 1; t < batch.length; ++t) {
    const auto at = size_t(row * batch.length + t);
    if (batch.labels[at] == ignoredLabel)
      continue;
    const auto begin = size_t(batch.tokens[at - 1]) * size_t(vocabulary);
    const double most = *std::max_element(&weights[begin], &weights[begin] + vocabulary);
    double total = 0;
    for (size_t i = 0; i < p.size(); ++i)
      total += p[i] = std::exp(weights[begin + i] - most);
    sum += weights[begin + size_t(batch.labels[at])] - most - std::log(total);
    *count += 1;
    if (!learn)
      continue;
    for (size_t i = 0; i < p.size(); ++i)
      gradients[begin + i] -= weight * p[i] / total;
    gradients[begin + size_t(batch.labels[at])] += weight;
  }
  return sum;
}

Expected<LossSum> ToyEngine::compute(const Batch &batch, bool learn) {
  usleep(pauseMicroseconds);
  LossSum loss;
  if (!batch.pairs) {
    for (int64_t row = 0; row < batch.rows; ++row)
      loss.sum -= sumOfLogs(batch, row, -1, learn, &loss.count);
    return loss;
  }
  double ignored = 0;
  const int64_t pairs = batch.rows / 2;
  for (int64_t i = 0; i < pairs; ++i) {
    const double margin = sumOfLogs(batch, i, 0, false, &ignored) - sumOfLogs(batch, i + pairs, 0, false, &ignored);
    const double wrong = 1 / (1 + std::exp(margin));
    loss.sum -= std::log(1 - wrong);
    loss.count += 1;
    if (learn) {
      sumOfLogs(batch, i, -wrong, true, &ignored);
      sumOfLogs(batch, i + pairs, wrong, true, &ignored);
    }
  }
  return loss;
}

Status ToyEngine::rememberStart(const NextBatch &next) {
  if (calls > 0 || weights[0] != 0)
    return Error{ErrorCode::Failed, "training has begun"};
  while (true) {
    auto batch = next();
    if (!batch)
      return batch.error();
    if (!*batch)
      return {};
    remembered.insert(remembered.end(), (*batch)->examples.begin(), (*batch)->examples.end());
  }
}

Expected<LossSum> ToyEngine::addGradients(const Batch &batch) {
  auto loss = compute(batch, true);
  if (loss && calls++ == breakAt)
    loss->sum = NAN;
  return loss;
}

Expected<LossSum> ToyEngine::evaluate(const Batch &batch) { return compute(batch, false); }

Expected<UpdateResult> ToyEngine::update(double learningRate, int64_t step, double count) {
  double squares = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double g = gradients[i] / count;
    squares += g * g;
    first[i] = 0.9 * first[i] + 0.1 * g;
    second[i] = 0.99 * second[i] + 0.01 * g * g;
    const double m = first[i] / (1 - std::pow(0.9, double(step))), v = second[i] / (1 - std::pow(0.99, double(step)));
    weights[i] -= learningRate * m / (std::sqrt(v) + 1e-8);
  }
  dropGradients();
  return UpdateResult{std::sqrt(squares), false};
}

void ToyEngine::dropGradients() { std::fill(gradients.begin(), gradients.end(), 0.0); }

static SafetensorsTensor view(const char *name, const std::vector<double> &table, int64_t side) {
  return {name,
          SafetensorsType::F64,
          {side, side},
          {reinterpret_cast<const uint8_t *>(table.data()), table.size() * sizeof(double)}};
}

Status ToyEngine::save(const std::string &folder) {
  const SafetensorsTensor model[] = {view("table", weights, vocabulary)};
  if (auto e = writeSafetensors(folder + "/model.safetensors", model))
    return e;
  const SafetensorsTensor optimizer[] = {view("first", first, vocabulary), view("second", second, vocabulary)};
  return writeSafetensors(folder + "/optimizer.safetensors", optimizer);
}

Status ToyEngine::load(const std::string &folder) {
  for (auto [name, table] : {std::pair("table", &weights), {"first", &first}, {"second", &second}}) {
    auto file = SafetensorsFile::open(folder + (table == &weights ? "/model.safetensors" : "/optimizer.safetensors"));
    if (!file)
      return file.error();
    const SafetensorsTensor *tensor = (*file)->find(name);
    if (!tensor || tensor->data.size() != table->size() * sizeof(double))
      return Error{ErrorCode::BadModel, folder + ": has no tensor " + name + " of the right size"};
    std::memcpy(table->data(), tensor->data.data(), tensor->data.size());
  }
  return {};
}

Status ToyEngine::exportResult(const std::string &folder) {
  const SafetensorsTensor model[] = {view("table", weights, vocabulary)};
  return writeSafetensors(folder + "/model.safetensors", model);
}

Expected<TrainingEstimate> ToyEngine::estimate(int64_t rows, int64_t length, bool measure) {
  return TrainingEstimate{4 * weights.size() * sizeof(double) + uint64_t(rows * length) * 16, 0, measure ? 0.5 : 0, 0};
}

} // namespace ph::test
