#include "runtime/template/Machine.h"
#include "runtime/template/Parser.h"
#include <algorithm>

namespace ph::jinja {

Status Parser::parse() {
  program.body = parseBlock({});
  if (failure)
    return *failure;
  return {};
}

bool Parser::skipSymbol(std::string_view text) {
  const bool found = isSymbol(text);
  if (found)
    next();
  return found;
}

bool Parser::skipName(std::string_view text) {
  const bool found = isName(text);
  if (found)
    next();
  return found;
}

void Parser::expectSymbol(std::string_view text) {
  if (!skipSymbol(text))
    fail("expected '" + std::string(text) + "', but got " + shown(current()));
}

void Parser::expectName(std::string_view text) {
  if (!skipName(text))
    fail("expected '" + std::string(text) + "', but got " + shown(current()));
}

void Parser::expect(Token::Kind kind, const char *what) {
  if (current().kind == kind)
    next();
  else
    fail(std::string("expected ") + what + ", but got " + shown(current()));
}

std::string_view Parser::takeName(const char *what) {
  std::string_view name = current().text;
  expect(Token::Name, what);
  return name;
}

std::string Parser::shown(const Token &token) const {
  switch (token.kind) {
  case Token::Data:
    return "text";
  case Token::BlockBegin:
    return "'{%'";
  case Token::BlockEnd:
    return "'%}'";
  case Token::VariableBegin:
    return "'{{'";
  case Token::VariableEnd:
    return "'}}'";
  case Token::End:
    return "the end of the template";
  case Token::String:
    return "a string";
  default:
    return "'" + std::string(token.text.substr(0, 40)) + "'";
  }
}

Expr *Parser::fail(const std::string &message) {
  if (!failure)
    failure = Error{ErrorCode::BadModel, atLine(current().line, message)};
  position = tokens.size() - 1; // nothing matches the end, so everything returns
  return make(Expr::Literal);
}

Stmt *Parser::make(Stmt::Kind kind) {
  Stmt &statement = program.statements.emplace_back();
  statement.kind = kind;
  statement.line = current().line;
  return &statement;
}

Block Parser::parseBlock(std::initializer_list<std::string_view> ends) {
  Deeper deeper(*this);
  Block block;
  while (!failure) {
    const Token &token = current();
    if (token.kind == Token::End) {
      if (ends.size())
        fail("the template ends, but expected '{% " + std::string(ends.begin()[ends.size() - 1]) + " %}'");
      break;
    }
    if (token.kind == Token::Data) {
      Stmt *text = make(Stmt::Text);
      text->text = token.text;
      block.push_back(text);
      next();
    } else if (token.kind == Token::VariableBegin) {
      next();
      Stmt *output = make(Stmt::Output);
      output->value = parseTuple();
      expect(Token::VariableEnd, "'}}'");
      block.push_back(output);
    } else if (token.kind == Token::BlockBegin) {
      next();
      if (current().kind == Token::Name && std::find(ends.begin(), ends.end(), current().text) != ends.end())
        break;
      if (Stmt *statement = parseStatement())
        block.push_back(statement);
    } else
      fail("unexpected " + shown(token));
  }
  return block;
}

// After a block's end was seen: its name, and the end of the tag.
void Parser::closeBlock(std::string_view end) {
  expectName(end);
  expect(Token::BlockEnd, "'%}'");
}

Stmt *Parser::parseStatement() {
  if (current().kind != Token::Name) {
    fail("expected the name of a statement, but got " + shown(current()));
    return nullptr;
  }
  const std::string_view name = current().text;
  if (name == "for")
    return parseFor();
  if (name == "if")
    return parseIf();
  if (name == "set")
    return parseSet();
  if (name == "macro")
    return parseMacro();
  if (name == "call")
    return parseCallBlock();
  if (name == "filter")
    return parseFilterBlock();
  if (name == "with" || name == "generation")
    return parseWith();
  if (name == "break" || name == "continue") {
    if (loops == 0)
      fail("'" + std::string(name) + "' outside of a loop");
    Stmt *statement = make(name == "break" ? Stmt::Break : Stmt::Continue);
    next();
    expect(Token::BlockEnd, "'%}'");
    return statement;
  }
  fail("unknown statement " + shown(current()) +
       (name.starts_with("end") || name.starts_with("el") ? "; nothing is open" : ""));
  return nullptr;
}

// A name, an attribute of a namespace, or several with commas between; parentheses group.
Expr *Parser::parseTarget(bool withNamespace) {
  Deeper deeper(*this);
  auto one = [&]() -> Expr * {
    if (!failure && skipSymbol("(")) {
      Expr *inner = parseTarget(withNamespace);
      expectSymbol(")");
      return inner;
    }
    Expr *name = make(Expr::Name);
    name->name = takeName("a variable to assign to");
    for (std::string_view reserved : {"true", "false", "none", "True", "False", "None"})
      if (name->name == reserved)
        return fail("can't assign to '" + std::string(reserved) + "'");
    if (withNamespace && skipSymbol(".")) {
      Expr *attribute = make(Expr::Attribute, {name});
      attribute->name = takeName("an attribute");
      return attribute;
    }
    return name;
  };
  Expr *first = one();
  if (!isSymbol(","))
    return first;
  Expr *tuple = make(Expr::Tuple, {first});
  while (!failure && skipSymbol(",") && (isSymbol("(") || (current().kind == Token::Name && !isName("in"))))
    tuple->args.push_back(one());
  return finish(tuple);
}

Stmt *Parser::parseFor() {
  Stmt *loop = make(Stmt::For);
  next();
  loop->target = parseTarget(false);
  expectName("in");
  loop->value = parseTuple(false, /*conditional=*/false);
  if (skipName("if"))
    loop->condition = parseExpression();
  if (isName("recursive"))
    fail("recursive loops are not supported; use a macro that calls itself");
  expect(Token::BlockEnd, "'%}'");
  ++loops;
  loop->body = parseBlock({"else", "endfor"});
  --loops;
  if (skipName("else")) {
    expect(Token::BlockEnd, "'%}'");
    loop->otherwise = parseBlock({"endfor"});
  }
  closeBlock("endfor");
  return loop;
}

Stmt *Parser::parseIf() {
  Stmt *choice = make(Stmt::If);
  do {
    next();
    Expr *condition = parseTuple(false, /*conditional=*/true);
    expect(Token::BlockEnd, "'%}'");
    Block body = parseBlock({"elif", "else", "endif"});
    choice->branches.emplace_back(condition, std::move(body));
  } while (!failure && isName("elif"));
  if (skipName("else")) {
    expect(Token::BlockEnd, "'%}'");
    choice->branches.emplace_back(nullptr, parseBlock({"endif"}));
  }
  closeBlock("endif");
  return choice;
}

Stmt *Parser::parseSet() {
  Stmt *set = make(Stmt::Set);
  next();
  set->target = parseTarget(true);
  if (skipSymbol("=")) {
    set->value = parseTuple();
    expect(Token::BlockEnd, "'%}'");
    return set;
  }
  set->kind = Stmt::SetBlock;
  if (isSymbol("|"))
    set->value = parseFilters(nullptr);
  expect(Token::BlockEnd, "'%}'");
  set->body = parseBlock({"endset"});
  closeBlock("endset");
  return set;
}

void Parser::parseParameters(MacroDefinition &macro) {
  expectSymbol("(");
  while (!failure && !isSymbol(")")) {
    if (!macro.parameters.empty())
      expectSymbol(",");
    std::string_view name = takeName("a parameter");
    Expr *value = nullptr;
    if (skipSymbol("="))
      value = parseExpression();
    else if (!macro.parameters.empty() && macro.parameters.back().second)
      fail("parameter '" + std::string(name) + "' without a default follows one with a default");
    macro.parameters.emplace_back(name, value);
  }
  expectSymbol(")");
}

Stmt *Parser::parseMacro() {
  Stmt *statement = make(Stmt::Macro);
  next();
  statement->macro.name = takeName("the macro's name");
  parseParameters(statement->macro);
  expect(Token::BlockEnd, "'%}'");
  const unsigned outer = std::exchange(loops, 0);
  const bool outerVarargs = std::exchange(sawVarargs, false);
  statement->macro.body = parseBlock({"endmacro"});
  statement->macro.usesVarargs = std::exchange(sawVarargs, outerVarargs);
  loops = outer;
  closeBlock("endmacro");
  return statement;
}

Stmt *Parser::parseCallBlock() {
  Stmt *statement = make(Stmt::CallBlock);
  next();
  statement->macro.name = "caller";
  if (isSymbol("("))
    parseParameters(statement->macro);
  statement->value = parseExpression();
  if (!failure && statement->value->kind != Expr::Call)
    fail("expected the call of a macro in '{% call %}'");
  expect(Token::BlockEnd, "'%}'");
  const unsigned outer = std::exchange(loops, 0);
  statement->macro.body = parseBlock({"endcall"});
  loops = outer;
  closeBlock("endcall");
  return statement;
}

Stmt *Parser::parseFilterBlock() {
  Stmt *statement = make(Stmt::FilterBlock);
  next();
  statement->value = parseFilters(parseOneFilter(nullptr));
  expect(Token::BlockEnd, "'%}'");
  statement->body = parseBlock({"endfilter"});
  closeBlock("endfilter");
  return statement;
}

// {% with a = 1, b = 2 %}, and {% generation %}, which marks the assistant's words for training and renders as its
// body.
Stmt *Parser::parseWith() {
  Stmt *statement = make(Stmt::With);
  const bool with = isName("with");
  next();
  while (!failure && with && current().kind != Token::BlockEnd) {
    if (!statement->assignments.empty())
      expectSymbol(",");
    Expr *target = parseTarget(false);
    expectSymbol("=");
    statement->assignments.emplace_back(target, parseExpression());
  }
  expect(Token::BlockEnd, "'%}'");
  const std::string_view end = with ? "endwith" : "endgeneration";
  statement->body = parseBlock({end});
  closeBlock(end);
  return statement;
}

} // namespace ph::jinja
