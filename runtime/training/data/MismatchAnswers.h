// Answers to other prompts, which KTO measures by how far a model has come from its beginning.
#pragma once
#include "runtime/training/data/ExampleSet.h"

namespace ph::training {

/// Gives each answer of `answers` (an example of one sequence) a second sequence: its prompt, with the answer that was
/// read last before it for another prompt, the last of all for the first ones (TRL's KTOTrainer takes the neighbours in
/// a batch, arXiv:2402.01306 section 4.1). A prompt is what stands before the first token that is learned. Where all
/// prompts are one, the answer read before. Sequences are cut at `sequenceLen`.
ExampleSet mismatchAnswers(const ExampleSet &answers, int64_t sequenceLen);

} // namespace ph::training
