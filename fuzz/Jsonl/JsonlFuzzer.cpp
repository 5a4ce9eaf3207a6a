// Any bytes as lines of a data set: each line is refused with its place, or becomes ids with something to learn.
#include "runtime/training/config/ConfigKeys.h"
#include "runtime/training/data/MakeBatch.h"
#include "test/Unit/Runtime/Training/SmallTokenizer.h"
#include <algorithm>
#include <cstdlib>

using namespace ph;
using namespace ph::training;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

static void encode(const PassageEncoder &encoder, const Tokenizer &tokenizer, const Passage &passage, ExampleSet &set) {
  auto encoded = encoder.encode(passage);
  if (!encoded) {
    require(!encoded.error().message.empty());
    return;
  }
  require(encoded->ids.size() == encoded->learned.size());
  require(std::all_of(encoded->ids.begin(), encoded->ids.end(),
                      [&](int32_t id) { return tokenizer.vocabulary().contains(id); }));
  require(std::find(encoded->learned.begin(), encoded->learned.end(), true) != encoded->learned.end());
  if (encoded->ids.size() <= 4096)
    set.add(*encoded, 0, encoded->ids.size(), 0, 1);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const test::SmallTokenizer small;
  const PassageEncoder encoder(*small.tokenizer, small.chat, {});
  ExampleSet set(false);
  set.addFile("fuzz");
  uint32_t last = 0;
  for (Lines lines({reinterpret_cast<const char *>(data), size}); auto line = lines.next();) {
    require(line->number > last && !line->text.empty() && line->text.find('\n') == std::string_view::npos);
    last = line->number;
    const std::string where = "fuzz:" + std::to_string(line->number);
    auto type = recognizeType(line->text, ExampleKind::Judged, where);
    require(type || type.error().message.starts_with(where));
    for (const DatasetType &known : datasetTypes()) {
      if (known.name == "auto")
        continue;
      auto record = parseRecord(line->text, std::string(known.name), where);
      if (!record) {
        require(record.error().code == ErrorCode::Failed && record.error().message.starts_with(where));
        continue;
      }
      require(record->second.has_value() == (known.name == "preference"));
      if (known.name == "prompt") // has nothing to learn
        continue;
      encode(encoder, *small.tokenizer, record->first, set);
      if (record->second)
        encode(encoder, *small.tokenizer, *record->second, set);
    }
  }
  if (set.size() == 0)
    return 0;
  std::vector<uint32_t> members;
  for (uint32_t i = 0; i < set.size(); ++i)
    members.push_back(i);
  const auto order = orderEpoch(set, members, {.pack = true, .sequenceLen = 4096, .seed = size}, 0);
  int64_t tokens = 0;
  for (size_t row = 0; row < order.rows(); ++row) {
    const Batch batch = makeBatch(set, order, row, 1, 0, 0);
    require(batch.length <= 4096);
    tokens += batch.real;
  }
  require(tokens == int64_t(set.tokens()));
  return 0;
}
