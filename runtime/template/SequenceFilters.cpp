// Filters whose subject is a sequence.
#include "runtime/template/Evaluator.h"
#include "runtime/template/Sort.h"
#include "runtime/template/Text.h"

namespace ph::jinja {
namespace {

Value filterLength(Evaluator &e, const Value &v, Arguments &) { return Value::of(static_cast<int64_t>(e.length(v))); }

Value copied(Evaluator &e, const std::vector<Value> &items) {
  List *list = e.newList(items.size());
  for (const Value &item : items)
    if (!e.push(list, item))
      break;
  return Value::of(list);
}

Value filterList(Evaluator &e, const Value &v, Arguments &) { return copied(e, *e.iterate(v)); }

Value filterFirst(Evaluator &e, const Value &v, Arguments &) {
  const std::vector<Value> *items = e.iterate(v);
  return items->empty() ? Value::missing("No first item, sequence was empty.", Value::message) : items->front();
}

Value filterLast(Evaluator &e, const Value &v, Arguments &) {
  const std::vector<Value> *items = e.iterate(v);
  return items->empty() ? Value::missing("No last item, sequence was empty.", Value::message) : items->back();
}

Value filterReverse(Evaluator &e, const Value &v, Arguments &) {
  std::vector<Value> items = *e.iterate(v);
  std::reverse(items.begin(), items.end());
  return v.isString() ? e.join(items) : copied(e, items);
}

Value filterItems(Evaluator &e, const Value &v, Arguments &a) {
  if (v.isUndefined())
    return Value::of(e.newList());
  if (!v.isDict())
    return e.fail("Can only get item pairs from a mapping.");
  return e.call(*findMethod(v, "items"), v, a);
}

Value filterJoin(Evaluator &e, const Value &v, Arguments &a) {
  const Value separator = e.str(a.get(0, Value::view({})));
  std::vector<Value> parts;
  for (const Value &item : *e.iterate(v)) {
    if (!parts.empty() && !separator.text.empty())
      parts.push_back(separator);
    parts.push_back(e.str(a.has(1) ? e.path(item, a.get(1)) : item));
    if (e.failed() || !e.charge(sizeof(Value)))
      return {};
  }
  return e.join(parts);
}

/// What filters compare by: an attribute of the item, in lower case unless case matters.
Value sortKey(Evaluator &e, const Value &item, const Value &attribute, bool caseSensitive) {
  const Value key = attribute.isNone() ? item : e.path(item, attribute);
  return key.isString() && !caseSensitive ? e.string(lower(key.text)) : key;
}

struct Keyed {
  Value key, item;
};

std::vector<Keyed> keyed(Evaluator &e, const Value &v, const Value &attribute, bool caseSensitive) {
  std::vector<Keyed> result;
  for (const Value &item : *e.iterate(v)) {
    if (!e.charge(sizeof(Keyed)))
      break;
    result.push_back({sortKey(e, item, attribute, caseSensitive), item});
  }
  return result;
}

Value filterSort(Evaluator &e, const Value &v, Arguments &a) {
  const bool reverse = truth(a.get(0, Value::boolean(false)));
  std::vector<Keyed> items = keyed(e, v, a.get(2), truth(a.get(1, Value::boolean(false))));
  if (e.failed())
    return {};
  stableSort(items, [&](const Keyed &x, const Keyed &y) {
    return reverse ? e.compare(y.key, x.key) < 0 : e.compare(x.key, y.key) < 0;
  });
  List *list = e.newList(items.size());
  for (const Keyed &item : items)
    if (!e.push(list, item.item))
      break;
  return Value::of(list);
}

Value filterDictSort(Evaluator &e, const Value &v, Arguments &a) {
  const bool caseSensitive = truth(a.get(0, Value::boolean(false))), reverse = truth(a.get(2, Value::boolean(false)));
  const Value by = a.get(1, Value::view("key"));
  if (!v.isDict())
    return v.isUndefined() ? e.failUndefined(v)
                           : e.fail(std::string("'") + typeName(v) + "' object has no items to sort");
  if (!by.isString() || (by.text != "key" && by.text != "value"))
    return e.fail("You can only sort by either \"key\" or \"value\"");
  Arguments none;
  const Value pairs = e.call(*findMethod(v, "items"), v, none);
  std::vector<Keyed> items = keyed(e, pairs, Value::of(int64_t(by.text == "value")), caseSensitive);
  if (e.failed())
    return {};
  stableSort(items, [&](const Keyed &x, const Keyed &y) {
    return reverse ? e.compare(y.key, x.key) < 0 : e.compare(x.key, y.key) < 0;
  });
  List *list = e.newList(items.size());
  for (const Keyed &item : items)
    if (!e.push(list, item.item))
      break;
  return Value::of(list);
}

Value filterUnique(Evaluator &e, const Value &v, Arguments &a) {
  List *kept = e.newList(), *seen = e.newList();
  for (const Keyed &item : keyed(e, v, a.get(1), truth(a.get(0, Value::boolean(false))))) {
    bool known = false;
    for (const Value &key : seen->items)
      known = known || e.equals(key, item.key);
    if (!known)
      e.push(seen, item.key), e.push(kept, item.item);
    if (e.failed())
      return {};
  }
  return Value::of(kept);
}

template <bool largest> Value filterExtreme(Evaluator &e, const Value &v, Arguments &a) {
  const Keyed *best = nullptr;
  const std::vector<Keyed> items = keyed(e, v, a.get(1), truth(a.get(0, Value::boolean(false))));
  for (const Keyed &item : items)
    if (!best || (largest ? e.compare(item.key, best->key) > 0 : e.compare(item.key, best->key) < 0))
      best = &item;
  return best ? best->item : Value::missing("No aggregated item, sequence was empty.", Value::message);
}

Value filterSum(Evaluator &e, const Value &v, Arguments &a) {
  Value sum = a.get(1, Value::of(int64_t(0)));
  for (const Value &item : *e.iterate(v)) {
    const Value term = a.get(0).isNone() ? item : e.path(item, a.get(0));
    if (e.failed())
      return {};
    sum = e.arithmetic(Operator::Add, sum, term);
  }
  return sum;
}

Value filterGroupBy(Evaluator &e, const Value &v, Arguments &a) {
  const bool caseSensitive = truth(a.get(2, Value::boolean(false)));
  std::vector<Keyed> items = keyed(e, v, a.get(0), caseSensitive);
  if (a.has(1))
    for (Keyed &item : items)
      if (item.key.isUndefined())
        item.key = a.get(1);
  if (e.failed())
    return {};
  stableSort(items, [&](const Keyed &x, const Keyed &y) { return e.compare(x.key, y.key) < 0; });
  List *groups = e.newList();
  for (size_t i = 0; i < items.size() && !e.failed();) {
    List *members = e.newList(), *pair = e.newList(2);
    const size_t first = i;
    for (; i < items.size() && e.equals(items[i].key, items[first].key) && e.push(members, items[i].item); ++i)
      ;
    e.push(pair, a.get(0).isNone() ? items[first].item : e.path(items[first].item, a.get(0)));
    e.push(pair, Value::of(members));
    e.push(groups, Value::of(pair, true));
  }
  return Value::of(groups);
}

Value filterBatch(Evaluator &e, const Value &v, Arguments &a) {
  const Value count = a.get(0);
  if (!count.isInteger() || count.integer < 1)
    return e.fail("batch: expected a positive integer");
  List *batches = e.newList(), *batch = nullptr;
  for (const Value &item : *e.iterate(v)) {
    if (!batch || batch->items.size() == static_cast<size_t>(count.integer)) {
      batch = e.newList();
      e.push(batches, Value::of(batch));
    }
    if (!e.push(batch, item))
      return {};
  }
  while (batch && a.has(1) && !a.get(1).isNone() && batch->items.size() < static_cast<size_t>(count.integer))
    if (!e.push(batch, a.get(1)))
      return {};
  return Value::of(batches);
}

Value filterAttribute(Evaluator &e, const Value &v, Arguments &a) {
  if (!a.get(0).isString())
    return e.fail("attr: expected a name");
  return e.attribute(v, a.get(0).text);
}

/// The arguments after the first `count`, for a filter or test that is called for each item.
Arguments rest(const Arguments &a, size_t count) {
  Arguments result;
  result.positional.assign(a.positional.begin() + std::min(count, a.positional.size()), a.positional.end());
  result.keywords = a.keywords;
  return result;
}

Value filterMap(Evaluator &e, const Value &v, Arguments &a) {
  List *list = e.newList();
  if (!truth(v)) // even none, which can't be iterated
    return Value::of(list);
  if (a.positional.empty()) {
    const Value *attribute = nullptr, *absent = nullptr;
    for (const auto &[name, value] : a.keywords)
      (name == "attribute" ? attribute : name == "default" ? absent : attribute) = &value;
    if (!attribute || a.keywords.size() > 1 + (absent != nullptr))
      return e.fail("map requires a filter argument");
    for (const Value &item : *e.iterate(v)) {
      const Value value = e.path(item, *attribute);
      if (e.failed() || !e.push(list, value.isUndefined() && absent ? *absent : value))
        return {};
    }
    return Value::of(list);
  }
  const Builtin *filter = a.positional[0].isString() ? findFilter(a.positional[0].text) : nullptr;
  if (!filter)
    return e.fail("map: no filter named " +
                  (a.positional[0].isString() ? "'" + std::string(a.positional[0].text) + "'" : "so"));
  for (const Value &item : *e.iterate(v)) {
    Arguments arguments = rest(a, 1);
    const Value value = e.call(*filter, item, arguments);
    if (e.failed() || !e.push(list, value))
      return {};
  }
  return Value::of(list);
}

template <bool wanted, bool byAttribute> Value filterSelect(Evaluator &e, const Value &v, Arguments &a) {
  if (!truth(v))
    return Value::of(e.newList());
  if (byAttribute && a.positional.empty())
    return e.fail("selectattr and rejectattr need the name of an attribute");
  const size_t at = byAttribute ? 1 : 0;
  const Builtin *test = nullptr;
  if (a.positional.size() > at) {
    const Value &name = a.positional[at];
    test = name.isString() ? findTest(name.text) : nullptr;
    if (!test)
      return e.fail("no test named " + (name.isString() ? "'" + std::string(name.text) + "'" : "so"));
  }
  List *list = e.newList();
  for (const Value &item : *e.iterate(v)) {
    const Value subject = byAttribute ? e.path(item, a.positional[0]) : item;
    if (e.failed())
      return {};
    Arguments arguments = rest(a, at + 1);
    const bool holds = truth(test ? e.call(*test, subject, arguments) : subject);
    if (e.failed() || (holds == wanted && !e.push(list, item)))
      return {};
  }
  return Value::of(list);
}

constexpr Builtin sequences[] = {
    {"length", filterLength},
    {"count", filterLength},
    {"list", filterList},
    {"first", filterFirst},
    {"last", filterLast},
    {"reverse", filterReverse},
    {"items", filterItems},
    {"join", filterJoin, "d,attribute"},
    {"sort", filterSort, "reverse,case_sensitive,attribute"},
    {"dictsort", filterDictSort, "case_sensitive,by,reverse"},
    {"unique", filterUnique, "case_sensitive,attribute"},
    {"min", filterExtreme<false>, "case_sensitive,attribute"},
    {"max", filterExtreme<true>, "case_sensitive,attribute"},
    {"sum", filterSum, "attribute,start"},
    {"groupby", filterGroupBy, "attribute,default,case_sensitive", 1},
    {"batch", filterBatch, "linecount,fill_with", 1},
    {"attr", filterAttribute, "name", 1},
    {"map", filterMap, "*"},
    {"select", filterSelect<true, false>, "*"},
    {"reject", filterSelect<false, false>, "*"},
    {"selectattr", filterSelect<true, true>, "*"},
    {"rejectattr", filterSelect<false, true>, "*"},
};

} // namespace

std::span<const Builtin> sequenceFilters() { return sequences; }

} // namespace ph::jinja
