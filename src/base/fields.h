// PROM_FIELDS lists the members of a plain struct once; codecs, digests and printers walk them by name.
// Any thread; compile-time only.
#pragma once

#define PROM_PARENS_ ()
#define PROM_EXPAND_(...) PROM_EXPAND4_(PROM_EXPAND4_(PROM_EXPAND4_(__VA_ARGS__)))
#define PROM_EXPAND4_(...) PROM_EXPAND3_(PROM_EXPAND3_(PROM_EXPAND3_(__VA_ARGS__)))
#define PROM_EXPAND3_(...) PROM_EXPAND2_(PROM_EXPAND2_(PROM_EXPAND2_(__VA_ARGS__)))
#define PROM_EXPAND2_(...) __VA_ARGS__
#define PROM_FOR_EACH_(macro, ...) __VA_OPT__(PROM_EXPAND_(PROM_FOR_EACH_STEP_(macro, __VA_ARGS__)))
#define PROM_FOR_EACH_STEP_(macro, first, ...) macro(first) __VA_OPT__(PROM_FOR_EACH_AGAIN_ PROM_PARENS_(macro, __VA_ARGS__))
#define PROM_FOR_EACH_AGAIN_() PROM_FOR_EACH_STEP_
#define PROM_VISIT_FIELD_(name) visitor(#name, self.name);

/// Declares `T::visit_fields(self, visitor)`, which calls `visitor("name", self.name)` for each listed member in order. The order is the wire order:
/// append new members at the end and raise the journal's format version.
#define PROM_FIELDS(...)                                              \
  template <class Self, class Visitor>                                \
  static constexpr void visit_fields(Self& self, Visitor&& visitor) { \
    (void)self;                                                       \
    (void)visitor;                                                    \
    PROM_FOR_EACH_(PROM_VISIT_FIELD_, __VA_ARGS__)                    \
  }
