// A training engine for tests of the loop: next tokens from a table of logits, by hand and in double precision.
#pragma once
#include "runtime/training/TrainingEngine.h"
#include <vector>

namespace ph::test {

/// Logits of the next token are a row of a square table, chosen by the token before. Cross entropy, or for pairs
/// -log sigmoid of the difference of sums of log-probabilities; Adam.
class ToyEngine final : public training::TrainingEngine {
public:
  explicit ToyEngine(int32_t vocabulary);

  uint64_t parameters() const override { return weights.size(); }
  uint64_t trainableParameters() const override { return weights.size(); }
  bool comparesWithStart() const override { return compares; }
  Status rememberStart(const NextBatch &next) override;
  Expected<training::LossSum> addGradients(const training::Batch &batch) override;
  Expected<training::UpdateResult> update(double learningRate, int64_t step, double count) override;
  void dropGradients() override;
  Expected<training::LossSum> evaluate(const training::Batch &batch) override;
  Status save(const std::string &folder) override;
  Status load(const std::string &folder) override;
  Status exportResult(const std::string &folder) override;
  Expected<training::TrainingEstimate> estimate(int64_t rows, int64_t length, bool measure) override;

  std::vector<double> weights, gradients, first, second; ///< [token before, token]; Adam's moments
  bool compares = false;
  std::vector<uint64_t> remembered; ///< numbers of the examples, in the order of rememberStart
  int64_t breakAt = -1;             ///< the call of addGradients, from 0, whose loss becomes NaN
  int64_t calls = 0;                ///< of addGradients
  unsigned pauseMicroseconds = 0;   ///< how long each call takes at least

private:
  double sumOfLogs(const training::Batch &batch, int64_t row, double weight, bool learn, double *count);
  Expected<training::LossSum> compute(const training::Batch &batch, bool learn);
  int32_t vocabulary;
};

} // namespace ph::test
