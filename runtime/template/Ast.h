// The parsed form of a template.
#pragma once
#include "runtime/template/Template.h"
#include "runtime/template/Value.h"
#include <deque>

namespace ph::jinja {

enum class Operator : uint8_t {
  Add,
  Subtract,
  Multiply,
  Divide,
  FloorDivide,
  Modulo,
  Power,
  Negate,
  Plus,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  NotIn
};

struct Expr {
  enum Kind : uint8_t {
    Literal,
    Name,
    List,
    Tuple,
    Dict,
    Unary,
    Binary,
    Compare,
    And,
    Or,
    Not,
    Concat,
    Conditional,
    Attribute,
    Subscript,
    Slice,
    Call,
    Filter,
    Test
  };
  Kind kind;
  Operator op{};      ///< Unary, Binary
  uint16_t depth = 1; ///< of the tree below, itself included
  uint32_t line = 0;
  std::string_view name;            ///< Name, Attribute, Filter, Test
  Value literal;                    ///< Literal
  const Builtin *builtin = nullptr; ///< Filter, Test; null if there is none of that name
  /// Operands in order; the subject first (a filter block's is null). Dict: keys and values in turn. Conditional:
  /// condition, then, else (may be null). Slice: begin, end, step (each may be null).
  std::vector<Expr *> args;
  std::vector<std::pair<std::string_view, Expr *>> keywords;
  std::vector<Operator> operators; ///< Compare: one between each two operands
};

struct Stmt;
using Block = std::vector<Stmt *>;

struct MacroDefinition {
  std::string_view name;
  std::vector<std::pair<std::string_view, Expr *>> parameters; ///< name, default or null
  Block body;
  bool usesVarargs = false;
};

struct Stmt {
  enum Kind : uint8_t { Text, Output, If, For, Set, SetBlock, Macro, CallBlock, FilterBlock, With, Break, Continue };
  Kind kind;
  uint32_t line = 0;
  std::string_view text;     ///< Text
  Expr *target = nullptr;    ///< For, Set, SetBlock: Name, Tuple of targets, or Attribute of a Name (namespace)
  Expr *value = nullptr;     ///< Output, For, Set; the call of a CallBlock; filters of SetBlock and FilterBlock
  Expr *condition = nullptr; ///< For: `if`
  std::vector<std::pair<Expr *, Block>> branches; ///< If: condition (null: else) and body. With: target and value pairs
  std::vector<std::pair<Expr *, Expr *>> assignments; ///< With
  Block body, otherwise;
  MacroDefinition macro; ///< Macro, CallBlock
};

/// Everything that a template owns; nodes point into it.
struct Program {
  TemplateLimits limits;
  std::string source;
  std::deque<std::string> strings; ///< literals that had escapes
  std::deque<Expr> expressions;
  std::deque<Stmt> statements;
  Block body;
};

} // namespace ph::jinja
