#include "runtime/template/Builtins.h"
#include "runtime/template/Parser.h"
#include <algorithm>

namespace ph::jinja {

Expr *Parser::make(Expr::Kind kind, std::initializer_list<Expr *> args) {
  Expr &expr = program.expressions.emplace_back();
  expr.kind = kind;
  expr.line = current().line;
  expr.args = args;
  return finish(&expr);
}

Expr *Parser::finish(Expr *expr) {
  for (const Expr *arg : expr->args)
    if (arg)
      expr->depth = std::max<uint16_t>(expr->depth, arg->depth + 1);
  for (const auto &keyword : expr->keywords)
    expr->depth = std::max<uint16_t>(expr->depth, keyword.second->depth + 1);
  if (expr->depth > program.limits.depth) {
    expr->depth = 1;
    fail("an expression is nested more than " + std::to_string(program.limits.depth) + " deep");
  }
  return expr;
}

Expr *Parser::binary(Operator op, Expr *left, Expr *right) {
  Expr *expr = make(Expr::Binary, {left, right});
  expr->op = op;
  return expr;
}

Expr *Parser::parseExpression(bool conditional) {
  Deeper deeper(*this);
  if (failure)
    return make(Expr::Literal);
  Expr *value = parseOr();
  while (conditional && !failure && skipName("if")) {
    Expr *condition = parseOr();
    Expr *otherwise = skipName("else") ? parseExpression() : nullptr;
    value = make(Expr::Conditional, {condition, value, otherwise});
  }
  return value;
}

// One expression, or a tuple of several.
Expr *Parser::parseTuple(bool parenthesized, bool conditional) {
  Expr *tuple = nullptr;
  auto ends = [&] {
    const Token::Kind kind = current().kind;
    return kind == Token::BlockEnd || kind == Token::VariableEnd || kind == Token::End || isSymbol(")");
  };
  if (parenthesized && isSymbol(")"))
    return make(Expr::Tuple);
  Expr *first = parseExpression(conditional);
  while (!failure && skipSymbol(",")) {
    if (!tuple)
      tuple = make(Expr::Tuple, {first});
    if (ends())
      break;
    tuple->args.push_back(parseExpression(conditional));
  }
  return tuple ? finish(tuple) : first;
}

Expr *Parser::parseOr() {
  Expr *left = parseAnd();
  while (!failure && skipName("or"))
    left = make(Expr::Or, {left, parseAnd()});
  return left;
}

Expr *Parser::parseAnd() {
  Expr *left = parseNot();
  while (!failure && skipName("and"))
    left = make(Expr::And, {left, parseNot()});
  return left;
}

Expr *Parser::parseNot() {
  if (!isName("not"))
    return parseCompare();
  Deeper deeper(*this);
  next();
  return failure ? make(Expr::Literal) : make(Expr::Not, {parseNot()});
}

Expr *Parser::parseCompare() {
  Expr *first = parseSum(), *compare = nullptr;
  static constexpr std::pair<std::string_view, Operator> symbols[] = {
      {"==", Operator::Equal},  {"!=", Operator::NotEqual},  {"<", Operator::Less},
      {">", Operator::Greater}, {"<=", Operator::LessEqual}, {">=", Operator::GreaterEqual}};
  while (!failure) {
    std::optional<Operator> op;
    for (const auto &[text, candidate] : symbols)
      if (isSymbol(text))
        op = candidate;
    if (isName("in"))
      op = Operator::In;
    else if (isName("not") && peek().kind == Token::Name && peek().text == "in") {
      op = Operator::NotIn;
      next();
    }
    if (!op)
      break;
    next();
    if (!compare)
      compare = make(Expr::Compare, {first});
    compare->operators.push_back(*op);
    compare->args.push_back(parseSum());
  }
  return compare ? finish(compare) : first;
}

Expr *Parser::parseSum() {
  Expr *left = parseConcat();
  while (!failure && (isSymbol("+") || isSymbol("-"))) {
    const Operator op = isSymbol("+") ? Operator::Add : Operator::Subtract;
    next();
    left = binary(op, left, parseConcat());
  }
  return left;
}

Expr *Parser::parseConcat() {
  Expr *first = parseProduct(), *concat = nullptr;
  while (!failure && skipSymbol("~")) {
    if (!concat)
      concat = make(Expr::Concat, {first});
    concat->args.push_back(parseProduct());
  }
  return concat ? finish(concat) : first;
}

Expr *Parser::parseProduct() {
  static constexpr std::pair<std::string_view, Operator> symbols[] = {
      {"*", Operator::Multiply}, {"/", Operator::Divide}, {"//", Operator::FloorDivide}, {"%", Operator::Modulo}};
  Expr *left = parsePower();
  for (bool found = true; found && !failure;) {
    found = false;
    for (const auto &[text, op] : symbols)
      if (skipSymbol(text)) {
        left = binary(op, left, parsePower());
        found = true;
        break;
      }
  }
  return left;
}

Expr *Parser::parsePower() {
  Expr *left = parseUnary();
  while (!failure && skipSymbol("**"))
    left = binary(Operator::Power, left, parseUnary());
  return left;
}

Expr *Parser::parseUnary(bool filters) {
  Expr *expr;
  if (isSymbol("-") || isSymbol("+")) {
    Deeper deeper(*this);
    const Operator op = isSymbol("-") ? Operator::Negate : Operator::Plus;
    next();
    expr = make(Expr::Unary, {failure ? make(Expr::Literal) : parseUnary(false)});
    expr->op = op;
  } else
    expr = parsePrimary();
  expr = parsePostfix(expr);
  return filters ? parseFilters(expr) : expr;
}

Expr *Parser::parsePrimary() {
  const Token &token = current();
  Expr *expr = make(Expr::Literal);
  switch (token.kind) {
  case Token::Name:
    if (token.text == "true" || token.text == "True" || token.text == "false" || token.text == "False")
      expr->literal = Value::boolean(token.text[0] == 't' || token.text[0] == 'T');
    else if (token.text == "none" || token.text == "None")
      expr->literal = Value::none();
    else {
      expr->kind = Expr::Name;
      expr->name = token.text;
      sawVarargs |= token.text == "varargs" || token.text == "kwargs" || token.text == "caller";
    }
    next();
    return expr;
  case Token::String:
    expr->literal = Value::view(token.text);
    next();
    if (current().kind == Token::String) { // neighbours are one string
      std::string &joined = program.strings.emplace_back(token.text);
      for (; current().kind == Token::String; next())
        joined += current().text;
      expr->literal = Value::view(joined);
    }
    return expr;
  case Token::Integer:
  case Token::Float:
    expr->literal = token.value;
    next();
    return expr;
  case Token::Symbol:
    if (token.text == "(") {
      next();
      expr = parseTuple(true);
      expectSymbol(")");
      return expr;
    }
    if (token.text == "[")
      return parseList();
    if (token.text == "{")
      return parseDict();
    [[fallthrough]];
  default:
    return fail("expected an expression, but got " + shown(token));
  }
}

Expr *Parser::parseList() {
  Expr *list = make(Expr::List);
  next();
  while (!failure && !isSymbol("]")) {
    if (!list->args.empty())
      expectSymbol(",");
    if (isSymbol("]"))
      break;
    list->args.push_back(parseExpression());
  }
  expectSymbol("]");
  return finish(list);
}

Expr *Parser::parseDict() {
  Expr *dict = make(Expr::Dict);
  next();
  while (!failure && !isSymbol("}")) {
    if (!dict->args.empty())
      expectSymbol(",");
    if (isSymbol("}"))
      break;
    dict->args.push_back(parseExpression());
    expectSymbol(":");
    dict->args.push_back(parseExpression());
  }
  expectSymbol("}");
  return finish(dict);
}

Expr *Parser::parsePostfix(Expr *subject) {
  while (!failure) {
    if (isSymbol(".") || isSymbol("["))
      subject = parseSubscript(subject);
    else if (isSymbol("(")) {
      subject = make(Expr::Call, {subject});
      parseArguments(subject);
    } else
      break;
  }
  return subject;
}

Expr *Parser::parseFilters(Expr *subject) {
  while (!failure) {
    if (skipSymbol("|"))
      subject = parseOneFilter(subject);
    else if (isName("is"))
      subject = parseTest(subject);
    else if (isSymbol("(")) {
      subject = make(Expr::Call, {subject});
      parseArguments(subject);
    } else
      break;
  }
  return subject;
}

Expr *Parser::parseOneFilter(Expr *subject) {
  Expr *filter = make(Expr::Filter, {subject});
  filter->name = takeName("the name of a filter");
  filter->builtin = findFilter(filter->name);
  if (isSymbol("("))
    parseArguments(filter);
  return filter;
}

Expr *Parser::parseTest(Expr *subject) {
  Deeper deeper(*this);
  next();
  const bool negated = skipName("not");
  Expr *test = make(Expr::Test, {subject});
  test->name = takeName("the name of a test");
  test->builtin = findTest(test->name);
  const Token &token = current();
  auto follows = [&] { // a word that goes on with the expression rather than being the test's argument
    for (std::string_view word : {"else", "or", "and", "if", "in", "not"})
      if (token.text == word)
        return true;
    return false;
  };
  if (isSymbol("("))
    parseArguments(test);
  else if (isName("is"))
    fail("tests can't be chained with 'is'");
  else if ((token.kind == Token::Name && !follows()) || token.kind == Token::String || token.kind == Token::Integer ||
           token.kind == Token::Float || isSymbol("[") || isSymbol("{"))
    test->args.push_back(parsePostfix(parsePrimary()));
  finish(test);
  return negated ? make(Expr::Not, {test}) : test;
}

Expr *Parser::parseSubscript(Expr *subject) {
  if (skipSymbol(".")) {
    const Token &token = current();
    if (token.kind == Token::Integer) {
      Expr *index = make(Expr::Literal);
      index->literal = token.value;
      next();
      return make(Expr::Subscript, {subject, index});
    }
    Expr *attribute = make(Expr::Attribute, {subject});
    attribute->name = takeName("an attribute");
    return attribute;
  }
  next();
  Expr *index = parseSubscriptItem();
  if (isSymbol(",")) {
    index = make(Expr::Tuple, {index});
    while (!failure && skipSymbol(","))
      index->args.push_back(parseSubscriptItem());
    finish(index);
  }
  expectSymbol("]");
  return make(Expr::Subscript, {subject, index});
}

// An index, or begin:end:step with any part left out.
Expr *Parser::parseSubscriptItem() {
  Expr *parts[3] = {};
  size_t part = 0;
  if (!isSymbol(":")) {
    parts[0] = parseExpression();
    if (!isSymbol(":"))
      return parts[0];
  }
  while (!failure && part < 2 && skipSymbol(":")) {
    ++part;
    if (!isSymbol(":") && !isSymbol("]") && !isSymbol(","))
      parts[part] = parseExpression();
  }
  return make(Expr::Slice, {parts[0], parts[1], parts[2]});
}

void Parser::parseArguments(Expr *call) {
  expectSymbol("(");
  bool first = true;
  while (!failure && !isSymbol(")")) {
    if (!first)
      expectSymbol(",");
    first = false;
    if (isSymbol(")"))
      break;
    if (isSymbol("*") || isSymbol("**"))
      fail("unpacking arguments with '*' is not supported");
    else if (current().kind == Token::Name && peek().kind == Token::Symbol && peek().text == "=") {
      std::string_view name = takeName("a name");
      next();
      call->keywords.emplace_back(name, parseExpression());
    } else if (!call->keywords.empty())
      fail("a positional argument follows a named one");
    else
      call->args.push_back(parseExpression());
  }
  expectSymbol(")");
  finish(call);
}

} // namespace ph::jinja
