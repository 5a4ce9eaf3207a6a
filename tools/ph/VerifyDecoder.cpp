#include "tools/ph/VerifyDecoder.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/Safetensors.h"
#include "runtime/session/Session.h"
#include "tools/ph/Checks.h"
#include "tools/ph/Continuations.h"
#include "tools/ph/Flags.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace ph::tool {
namespace {

/// What the file holds, checked.
struct Expectation {
  std::vector<std::vector<int32_t>> rows;  ///< the tokens of each, without those that are masked out
  std::vector<std::vector<int64_t>> where; ///< their places in the sequence
  const SafetensorsTensor *logits = nullptr;
  std::vector<int32_t> greedy, beam;
};

/// The tensor's ids, each below `vocabulary`.
Expected<std::vector<int32_t>> idsOf(const SafetensorsTensor &tensor, int64_t vocabulary, const std::string &file) {
  std::vector<int32_t> ids;
  for (int64_t id : tensor.toIntegers()) {
    if (id < 0 || id >= vocabulary)
      return Error{ErrorCode::BadModel, file + ": tensor " + quoteText(tensor.name) + " holds the id " +
                                            std::to_string(id) + ", outside the vocabulary of " +
                                            std::to_string(vocabulary)};
    ids.push_back(int32_t(id));
  }
  if (ids.empty())
    return Error{ErrorCode::BadModel, file + ": tensor " + quoteText(tensor.name) + " holds no token ids"};
  return ids;
}

/// `logits` is what a graph calls them.
Expected<Expectation> readExpectation(const SafetensorsFile &file, int64_t vocabulary, const std::string &logits,
                                      const std::string &path) {
  auto bad = [&](const std::string &what) { return Error{ErrorCode::BadModel, path + ": " + what}; };
  const SafetensorsTensor *ids = file.find("input_ids"), *mask = file.find("attention_mask");
  if (!ids || ids->shape.size() != 2)
    return bad("has no tensor 'input_ids' of [batch, sequence]");
  if (mask && mask->shape != ids->shape)
    return bad("'attention_mask' has another shape than 'input_ids'");
  auto all = idsOf(*ids, vocabulary, path);
  if (!all)
    return all.error();
  std::vector<int64_t> kept = mask ? mask->toIntegers() : std::vector<int64_t>(all->size(), 1);
  if (kept.size() != all->size())
    return bad("'attention_mask' is no tensor of integers");
  Expectation result;
  const int64_t batch = ids->shape[0], sequence = ids->shape[1];
  for (int64_t b = 0; b < batch; ++b) {
    auto &row = result.rows.emplace_back();
    auto &places = result.where.emplace_back();
    for (int64_t s = 0; s < sequence; ++s)
      if (kept[size_t(b * sequence + s)]) {
        row.push_back((*all)[size_t(b * sequence + s)]);
        places.push_back(s);
      }
    if (row.empty())
      return bad("row " + std::to_string(b) + " of 'attention_mask' leaves no token");
  }
  for (const SafetensorsTensor &tensor : file.tensors()) {
    if (tensor.name == "input_ids" || tensor.name == "attention_mask")
      continue;
    if (tensor.name == "logits" || (!logits.empty() && tensor.name == "out." + logits)) {
      if (tensor.shape != std::vector<int64_t>{batch, sequence, vocabulary})
        return bad(quoteText(tensor.name) +
                   " is not of [batch, sequence, vocabulary] of this model, which has a vocabulary of " +
                   std::to_string(vocabulary));
      result.logits = &tensor;
    } else if (tensor.name == "greedy" || tensor.name == "beam4") {
      auto continuation = idsOf(tensor, vocabulary, path);
      if (!continuation)
        return continuation.error();
      const auto &row = result.rows[0];
      if (continuation->size() <= row.size() || !std::equal(row.begin(), row.end(), continuation->begin()))
        return bad("'" + tensor.name + "' does not begin with row 0 of 'input_ids'");
      (tensor.name == "greedy" ? result.greedy : result.beam) = std::move(*continuation);
    } else {
      return bad("tensor " + quoteText(tensor.name) +
                 " is nothing that this model gives; known are logits, greedy and beam4");
    }
  }
  if (!result.logits && result.greedy.empty() && result.beam.empty())
    return bad("holds no outputs to compare: logits, greedy or beam4");
  return result;
}

Expected<Check> compareLogits(Session &session, const Expectation &expected, double tolerance) {
  const std::vector<float> values = expected.logits->toFloats();
  const int64_t sequence = expected.logits->shape[1], vocabulary = expected.logits->shape[2];
  double largest = 0;
  size_t compared = 0;
  for (size_t b = 0; b < expected.rows.size(); ++b) {
    session.reset();
    auto sink = [&](int64_t first, int64_t rows, const float *got) {
      for (int64_t i = 0; i < rows; ++i) {
        const int64_t place = int64_t(b) * sequence + expected.where[b][size_t(first + i)];
        for (int64_t v = 0; v < vocabulary; ++v, ++compared) {
          const float &given = got[i * vocabulary + v], &wanted = values[size_t(place * vocabulary + v)];
          double error = std::abs(double(given) - wanted);
          // Exact means each bit: 0 is not -0.
          if (tolerance == 0 && std::memcmp(&given, &wanted, sizeof given) != 0)
            error = std::max(error, std::numeric_limits<double>::min());
          largest = std::isnan(error) ? INFINITY : std::max(largest, error);
        }
      }
    };
    if (auto e = session.appendScored(expected.rows[b], 0, sink))
      return e.error();
  }
  return Check{"logits", largest, tolerance, largest <= tolerance, std::to_string(compared) + " values"};
}

/// Appends what a sequence has more than the session; begins anew where it isn't its continuation.
NextLogits nextOf(Session &session) {
  return [&session,
          past = std::vector<int32_t>()](const std::vector<int32_t> &ids) mutable -> Expected<std::vector<float>> {
    if (past.size() >= ids.size() || !std::equal(past.begin(), past.end(), ids.begin()))
      past.clear();
    session.truncate(0, int64_t(past.size()));
    if (auto e = session.append(std::span(ids).subspan(past.size())))
      return e.error();
    past = ids;
    return std::vector<float>(session.logits().begin(), session.logits().end());
  };
}

} // namespace

Expected<std::vector<Check>> verifyDecoder(const std::shared_ptr<Model> &model, const SafetensorsFile &file,
                                           const std::string &path, double tolerance, int64_t chunk) {
  auto expected = readExpectation(file, model->sizes().vocabulary, model->manifest().logitsName, path);
  if (!expected)
    return expected.error();
  size_t context = std::max(expected->greedy.size(), expected->beam.size());
  for (const auto &row : expected->rows)
    context = std::max(context, row.size());
  auto session = Session::create(model, {.context = int64_t(context), .chunk = chunk, .logitRows = kScoredRows});
  if (!session)
    return session.error();
  std::vector<Check> checks;
  if (expected->logits) {
    auto check = compareLogits(**session, *expected, tolerance);
    if (!check)
      return check.error();
    checks.push_back(*check);
  }
  if (!expected->greedy.empty()) {
    auto ids = continueGreedily(nextOf(**session), expected->rows[0], expected->greedy.size());
    if (!ids)
      return ids.error();
    checks.push_back(compareIds("greedy ids", *ids, expected->greedy));
  }
  if (!expected->beam.empty()) {
    auto ids = continueByBeams(nextOf(**session), expected->rows[0], expected->beam.size());
    if (!ids)
      return ids.error();
    checks.push_back(compareIds("beam search ids", *ids, expected->beam));
  }
  return checks;
}

} // namespace ph::tool
