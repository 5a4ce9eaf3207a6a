// Template text into tokens.
#pragma once
#include "runtime/template/Ast.h"

namespace ph::jinja {

struct Token {
  enum Kind : uint8_t {
    Data,
    BlockBegin,
    BlockEnd,
    VariableBegin,
    VariableEnd,
    Name,
    String,
    Integer,
    Float,
    Symbol,
    End
  };
  Kind kind;
  uint32_t line;
  std::string_view text; ///< Data, Name, Symbol; a String's characters, unescaped
  Value value;           ///< Integer, Float
};

/// Normalizes line ends in program.source and cuts it into tokens, an End last. White space is already removed where
/// `-`, trim_blocks and lstrip_blocks say so; comments and raw blocks are resolved.
Expected<std::vector<Token>> tokenize(Program &program);

} // namespace ph::jinja
