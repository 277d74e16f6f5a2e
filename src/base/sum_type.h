// Sum types whose special members are compiled once. As an alias of std::variant each file that copies, moves or destroys one instantiates tables over all its
// alternatives: a third of such a file's compile time. A struct that derives from the variant works with std::visit, std::get and comparison as the alias did.
#pragma once

#include <variant>  // IWYU pragma: export

// NOLINTBEGIN(bugprone-macro-parentheses): the argument is the name of a type

/// Inside a struct `Type` that derives from a std::variant: its constructors and assignments, but for the default constructor. PROM_DEFINE_SUM_TYPE defines them.
#define PROM_SUM_TYPE(Type)           \
  using variant::variant;             \
  using variant::operator=;           \
  ~Type();                            \
  Type(const Type& other);            \
  Type(Type&& other) noexcept;        \
  Type& operator=(const Type& other); \
  Type& operator=(Type&& other) noexcept

/// In one .cpp file, in the namespace of `Type`.
#define PROM_DEFINE_SUM_TYPE(Type)                    \
  Type::~Type() = default;                            \
  Type::Type(const Type& other) = default;            \
  Type::Type(Type&& other) noexcept = default;        \
  Type& Type::operator=(const Type& other) = default; \
  Type& Type::operator=(Type&& other) noexcept = default

// NOLINTEND(bugprone-macro-parentheses)
