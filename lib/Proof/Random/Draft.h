// A module while it is made up: text, since the syntax of an op is shorter than building it and the parser checks it.
#pragma once
#include "lib/Reference/Seeded.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Twine.h"
#include <string>
#include <vector>

namespace ph::proof {

/// An activation [batch, sequence, width].
struct Stream {
  std::string name;
  int64_t width;
  std::string type() const;
};

/// A loaded weight.
struct Weight {
  std::string name, type;
};

class Draft {
public:
  explicit Draft(uint64_t seed);

  // Chance.
  int64_t below(int64_t count) { return int64_t(random.next() % uint64_t(count)); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T> T among(std::initializer_list<T> choices) { return choices.begin()[below(choices.size())]; }
  /// `text` in some of the modules, nothing in the others.
  std::string maybe(int percent, const std::string &text) { return chance(percent) ? text : ""; }

  // Lines.
  /// Adds "%n = op" and gives "%n".
  std::string emit(const llvm::Twine &op);
  /// The same for an op with several results.
  std::vector<std::string> emitMany(unsigned results, const llvm::Twine &op);
  /// emit() of what gives an activation.
  Stream stream(int64_t width, const llvm::Twine &op) { return {emit(op), width}; }
  /// A function's argument, by a key that names it; the same one for the same key.
  std::string argument(llvm::StringRef key, llvm::StringRef type);
  /// Declares a weight of one layer's shape, stacked inside of a loop, and loads it; now and then one that is there
  /// already. `perRow` is of a source that gives each row, an expert's matrix, a tensor: "{expert}", or "copied" if all
  /// have the same.
  Weight weight(llvm::ArrayRef<int64_t> shape, llvm::StringRef perRow = "");

  /// Until it is called again with false, matrices have one format and a source, and products all a bias or none and no
  /// activation, as those that belong together have.
  void makeAlike(bool on);

  // What many ops need, made when it is first asked for.
  std::string tokens() { return argument("tokens", "tensor<?x?xi32>"); }
  std::string past() { return argument("past", "tensor<?xi32>"); }
  std::string positions() { return argument("positions", "tensor<?x?xi32>"); }
  /// A linear of `x`, with a bias or not.
  Stream linear(const Stream &x, int64_t width);
  /// Some activation of the width that is there already; `x` if there is no other.
  Stream another(const Stream &x);
  /// Remembers an activation for another().
  void keep(const Stream &x) { kept.push_back(x); }

  /// The function returns that too.
  void giveToo(const std::string &value, const std::string &type) { results.emplace_back(value, type); }
  std::vector<std::pair<std::string, std::string>> results; ///< values and types

  // Loops.
  void openLoop(int64_t count, Stream &carried);
  void closeLoop(Stream &carried);
  int64_t layers = 1;    ///< that a weight has: of the loop, 1 outside
  std::string layer;     ///< the loop's index, or a constant outside; empty until one is made
  std::string cache;     ///< the cache as it is now; empty if the module has none
  std::string cacheType; ///< of the module
  int64_t cacheHeads = 0, headDim = 0;

  reference::Generator random;
  std::string weights, arguments, body;

private:
  /// ", #xf.format<…>" of a matrix, or nothing.
  std::string chooseFormat();

  std::vector<std::pair<std::string, std::string>> argumentNames;
  std::vector<Stream> kept;
  std::vector<std::pair<Weight, std::string>> loaded; ///< and the shape it was made for
  unsigned nextValue = 0, nextWeight = 0;
  bool alike = false, alikeBias = false;
  std::string alikeFormat;
  // Of the loop that is open.
  size_t keptOutside = 0;
  std::string layerOutside, bodyOutside, carriedOutside, cacheOutside;
};

/// A way to go on from an activation.
struct Family {
  llvm::StringRef name;
  Stream (*make)(Draft &draft, const Stream &x);
};

llvm::ArrayRef<Family> denseFamilies();
llvm::ArrayRef<Family> attentionFamilies();
llvm::ArrayRef<Family> expertFamilies();
llvm::ArrayRef<Family> primitiveFamilies();
llvm::ArrayRef<Family> groupedFamilies();
llvm::ArrayRef<Family> spelledFamilies();
llvm::ArrayRef<Family> storageFamilies();
llvm::ArrayRef<Family> visionFamilies();

// What stands once in a module, at its ends.
/// Tokens, looked up in `table` in one way or another.
Stream embed(Draft &draft, const Weight &table, int64_t width);
/// What is made of the last activation: scores of the last tokens or of all, a token, a loss, a pooled row.
void finish(Draft &draft, const Stream &x, Weight table, int64_t vocabulary);

} // namespace ph::proof
