// Tokens into the program, by recursive descent; precedence as in Jinja's parser.
#pragma once
#include "runtime/template/Lexer.h"
#include <initializer_list>

namespace ph::jinja {

class Parser {
public:
  Parser(Program &program, std::vector<Token> tokens) : program(program), tokens(std::move(tokens)) {}
  /// Fills program.body.
  Status parse();

private:
  // Statements (ParseStatement.cpp).
  Block parseBlock(std::initializer_list<std::string_view> ends);
  Stmt *parseStatement();
  Stmt *parseFor();
  Stmt *parseIf();
  Stmt *parseSet();
  Stmt *parseMacro();
  Stmt *parseCallBlock();
  Stmt *parseFilterBlock();
  Stmt *parseWith();
  void parseParameters(MacroDefinition &macro);
  Expr *parseTarget(bool withNamespace);
  void closeBlock(std::string_view end);

  // Expressions (ParseExpression.cpp).
  Expr *parseExpression(bool conditional = true);
  Expr *parseTuple(bool parenthesized = false, bool conditional = true);
  Expr *parseOr();
  Expr *parseAnd();
  Expr *parseNot();
  Expr *parseCompare();
  Expr *parseSum();
  Expr *parseConcat();
  Expr *parseProduct();
  Expr *parsePower();
  Expr *parseUnary(bool filters = true);
  Expr *parsePrimary();
  Expr *parseList();
  Expr *parseDict();
  Expr *parsePostfix(Expr *subject);
  Expr *parseFilters(Expr *subject);
  Expr *parseOneFilter(Expr *subject);
  Expr *parseTest(Expr *subject);
  Expr *parseSubscript(Expr *subject);
  Expr *parseSubscriptItem();
  void parseArguments(Expr *call);
  Expr *binary(Operator op, Expr *left, Expr *right);

  // Tokens.
  const Token &current() const { return tokens[position]; }
  const Token &peek() const { return tokens[std::min(position + 1, tokens.size() - 1)]; }
  void next() {
    if (position + 1 < tokens.size())
      ++position;
  }
  bool isSymbol(std::string_view text) const { return current().kind == Token::Symbol && current().text == text; }
  bool isName(std::string_view text) const { return current().kind == Token::Name && current().text == text; }
  bool skipSymbol(std::string_view text);
  bool skipName(std::string_view text);
  void expectSymbol(std::string_view text);
  void expectName(std::string_view text);
  void expect(Token::Kind kind, const char *what);
  std::string_view takeName(const char *what);

  // Nodes.
  Expr *make(Expr::Kind kind, std::initializer_list<Expr *> args = {});
  Stmt *make(Stmt::Kind kind);
  /// To be called when a node has all its operands: checks how deep it got.
  Expr *finish(Expr *expr);
  /// Records the first error. Gives a node, so that parsing can unwind without null checks.
  Expr *fail(const std::string &message);
  std::string shown(const Token &token) const;

  /// Counts how deep the parser is in itself.
  struct Deeper {
    explicit Deeper(Parser &parser) : parser(parser) {
      if (++parser.depth > parser.program.limits.depth)
        parser.fail("nested more than " + std::to_string(parser.program.limits.depth) + " deep");
    }
    ~Deeper() { --parser.depth; }
    Parser &parser;
  };

  Program &program;
  std::vector<Token> tokens;
  size_t position = 0;
  unsigned depth = 0, loops = 0;
  bool sawVarargs = false;
  std::optional<Error> failure;
};

} // namespace ph::jinja
