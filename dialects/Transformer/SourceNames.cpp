#include "dialects/Transformer/SourceNames.h"
#include "llvm/ADT/SmallVector.h"

namespace ph::xf {

namespace {
/// prefix{a|b|c}suffix
struct List {
  llvm::StringRef prefix, suffix;
  llvm::SmallVector<llvm::StringRef> layers;
};
} // namespace

/// The first pair of braces with a '|' in it; no layers where there is none.
static List findList(llvm::StringRef name) {
  for (size_t open = name.find('{'); open != llvm::StringRef::npos; open = name.find('{', open + 1)) {
    llvm::StringRef inside = name.drop_front(open + 1);
    size_t close = inside.find('}');
    if (close == llvm::StringRef::npos || !inside.take_front(close).contains('|'))
      continue;
    List list = {name.take_front(open), inside.drop_front(close + 1), {}};
    inside.take_front(close).split(list.layers, '|');
    return list;
  }
  return {};
}

int64_t countListedLayers(llvm::StringRef name) { return findList(name).layers.size(); }

std::string nameOfLayer(llvm::StringRef name, int64_t index, int64_t number) {
  List list = findList(name);
  if (index >= 0 && index < int64_t(list.layers.size()))
    return (list.prefix + list.layers[index] + list.suffix).str();
  constexpr llvm::StringLiteral place = "{layer}";
  std::string result = name.str(), text = std::to_string(number);
  for (size_t at = 0; (at = result.find(place, at)) != std::string::npos; at += text.size())
    result.replace(at, place.size(), text);
  return result;
}

} // namespace ph::xf
