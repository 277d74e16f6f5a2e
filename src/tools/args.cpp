// The argument check of the hot path and the reader with defaults. Pure; any thread.
#include "tools/args.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/text.h"

namespace prom {

namespace {

constexpr std::size_t kMaxShown = 60;  // characters of a caller's own text repeated in an error

std::string shown(const Value& value) {
  std::string text = to_json(value);
  if (text.size() > kMaxShown) {
    text.resize(kMaxShown);
    text += "...";
  }
  return text;
}

std::string bound(double x) {
  if (x == std::floor(x) && std::abs(x) < 1e15) return fmt::format("{}", static_cast<std::int64_t>(x));
  return format_f64(x);
}

std::string allowed(const ArgSpec& spec) {
  switch (spec.type) {
    case ArgType::text: return fmt::format("text of 1 to {} characters", bound(spec.maximum));
    case ArgType::choice: return fmt::format("one of {}", fmt::join(spec.choices.begin(), spec.choices.end(), ", "));
    case ArgType::integer: return fmt::format("an integer from {} to {}", bound(spec.minimum), bound(spec.maximum));
    case ArgType::number: return fmt::format("a number from {} to {}", bound(spec.minimum), bound(spec.maximum));
    case ArgType::amount: return "a positive number, or its exact decimal text";
    case ArgType::time: return "an RFC 3339 time such as 2025-05-04T00:00:00Z";
    case ArgType::integer_list: return fmt::format("a list of 1 to {} integers from {} to {}", spec.max_items, bound(spec.minimum), bound(spec.maximum));
    case ArgType::amount_list: return fmt::format("a list of 1 to {} positive numbers", spec.max_items);
    case ArgType::object_list: return fmt::format("a list of 1 to {} objects", spec.max_items);
  }
  PROM_UNREACHABLE();
}

std::string names_of(std::span<const ArgSpec> specs) {
  std::vector<std::string_view> names;
  for (const ArgSpec& spec : specs) names.push_back(spec.name);
  return names.empty() ? std::string("it takes no argument") : fmt::format("its arguments are {}", fmt::join(names, ", "));
}

std::string suggestion(std::string_view wrong, std::span<const std::string_view> names) {
  const auto near = nearest_name(wrong, names);
  return near ? fmt::format("did you mean `{}`?", *near) : std::string();
}

ToolError wrong_value(std::string_view tool, const ArgSpec& spec, const Value& value) {
  std::string hint;
  if (spec.type == ArgType::choice) {
    if (const auto text = value.text()) hint = suggestion(*text, spec.choices);
  } else if (spec.default_number) {
    hint = fmt::format("leave it out for {}", bound(*spec.default_number));
  }
  return bad_argument(fmt::format("argument `{}` of {} must be {}, got {}", spec.name, tool, allowed(spec), shown(value)), std::move(hint));
}

bool integer_within(const Value& value, const ArgSpec& spec) {
  if (const auto* i = std::get_if<std::int64_t>(&value.storage())) {
    return static_cast<double>(*i) >= spec.minimum && static_cast<double>(*i) <= spec.maximum;
  }
  const auto* d = std::get_if<double>(&value.storage());
  return d != nullptr && std::isfinite(*d) && *d == std::floor(*d) && *d >= spec.minimum && *d <= spec.maximum;
}

/// As JSON Schema counts the length of a text: in code points, not in bytes of UTF-8.
std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_amount(const Value& value) {
  if (const auto text = value.text()) {
    const auto parsed = Decimal::parse(*text);
    return parsed && parsed->is_positive();
  }
  const auto number = value.number();
  return number && std::isfinite(*number) && *number > 0;
}

bool fits(const ArgSpec& spec, const Value& value);

bool list_fits(const ArgSpec& spec, const Value& value, bool (*item_fits)(const ArgSpec&, const Value&)) {
  const auto* list = std::get_if<ValueList>(&value.storage());
  if (list == nullptr || list->empty() || list->size() > spec.max_items) return false;
  for (const Value& item : *list) {
    if (!item_fits(spec, item)) return false;
  }
  return true;
}

bool object_fits(const ArgSpec& spec, const Value& value) {
  const auto* object = std::get_if<ValueObject>(&value.storage());
  if (object == nullptr) return false;
  std::size_t known = 0;
  for (const ArgSpec& field : spec.fields) {
    const Value* given = member(*object, field.name);
    if (given == nullptr && field.need == ArgNeed::required) return false;
    if (given == nullptr) continue;
    if (!fits(field, *given)) return false;
    ++known;
  }
  return known == object->size();
}

bool fits(const ArgSpec& spec, const Value& value) {
  switch (spec.type) {
    case ArgType::text: {
      const auto text = value.text();
      return text && !text->empty() && static_cast<double>(characters_in(*text)) <= spec.maximum;
    }
    case ArgType::choice: {
      const auto text = value.text();
      if (!text) return false;
      for (const std::string_view choice : spec.choices) {
        if (choice == *text) return true;
      }
      return false;
    }
    case ArgType::integer: return integer_within(value, spec);
    case ArgType::number: {
      const auto number = value.number();
      return number && std::isfinite(*number) && *number >= spec.minimum && *number <= spec.maximum;
    }
    case ArgType::amount: return is_amount(value);
    case ArgType::time: {
      if (std::holds_alternative<TimeNs>(value.storage())) return true;
      const auto text = value.text();
      return text && parse_rfc3339(*text).has_value();
    }
    case ArgType::integer_list: return list_fits(spec, value, [](const ArgSpec& s, const Value& item) { return integer_within(item, s); });
    case ArgType::amount_list: return list_fits(spec, value, [](const ArgSpec&, const Value& item) { return is_amount(item); });
    case ArgType::object_list: return list_fits(spec, value, object_fits);
  }
  PROM_UNREACHABLE();
}

ToolError unknown_argument(std::string_view tool, std::span<const ArgSpec> specs, std::string_view key) {
  std::vector<std::string_view> names;
  for (const ArgSpec& spec : specs) names.push_back(spec.name);
  const auto near = nearest_name(key, names);
  std::string hint = near ? fmt::format("did you mean `{}`? {}", *near, names_of(specs)) : names_of(specs);
  return bad_argument(fmt::format("{} has no argument `{}`", tool, key.substr(0, kMaxShown)), std::move(hint));
}

}  // namespace

const Value* member(const ValueObject& object, std::string_view key) {
  for (const auto& [name, value] : object) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::optional<ToolError> check_arguments(std::string_view tool, std::span<const ArgSpec> specs, const Value& object) {
  const auto* members = std::get_if<ValueObject>(&object.storage());
  static const ValueObject kNone;
  if (members == nullptr) {
    if (!object.is_null()) return bad_argument(fmt::format("arguments of {} must be an object, got {}", tool, shown(object)), names_of(specs));
    members = &kNone;
  }
  for (std::size_t i = 0; i < members->size(); ++i) {
    const auto& [key, value] = (*members)[i];
    const ArgSpec* spec = nullptr;
    for (const ArgSpec& candidate : specs) {
      if (candidate.name == key) spec = &candidate;
    }
    if (spec == nullptr) return unknown_argument(tool, specs, key);
    for (std::size_t j = 0; j < i; ++j) {
      if ((*members)[j].first == key) return bad_argument(fmt::format("argument `{}` of {} is given twice", key, tool));
    }
    if (!fits(*spec, value)) return wrong_value(tool, *spec, value);
  }
  for (const ArgSpec& spec : specs) {
    if (spec.need == ArgNeed::required && member(*members, spec.name) == nullptr) {
      return bad_argument(fmt::format("{} needs the argument `{}`: {}", tool, spec.name, spec.description), fmt::format("give {}", allowed(spec)));
    }
  }
  return std::nullopt;
}

ToolArgs::ToolArgs(std::span<const ArgSpec> specs, const Value& object) : specs_(specs), object_(std::get_if<ValueObject>(&object.storage())) {}

const ArgSpec& ToolArgs::spec(std::string_view name) const {
  for (const ArgSpec& candidate : specs_) {
    if (candidate.name == name) return candidate;
  }
  PROM_UNREACHABLE();
}

const Value* ToolArgs::given(std::string_view name) const { return object_ == nullptr ? nullptr : member(*object_, name); }

std::int64_t ToolArgs::integer(std::string_view name) const { return static_cast<std::int64_t>(number(name)); }

double ToolArgs::number(std::string_view name) const {
  if (const Value* value = given(name)) return value->number().value_or(0);
  const ArgSpec& declared = spec(name);
  PROM_ASSERT(declared.default_number.has_value(), "an optional number without a default must be asked for with has()");
  return *declared.default_number;
}

std::string_view ToolArgs::text(std::string_view name) const {
  if (const Value* value = given(name)) return value->text().value_or(std::string_view());
  return spec(name).default_text;
}

std::optional<TimeNs> ToolArgs::time(std::string_view name) const {
  const Value* value = given(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* time = std::get_if<TimeNs>(&value->storage())) return *time;
  const auto parsed = parse_rfc3339(value->text().value_or(std::string_view()));
  return parsed ? std::optional(*parsed) : std::nullopt;
}

const ValueList& ToolArgs::list(std::string_view name) const {
  static const ValueList kEmpty;
  const Value* value = given(name);
  const auto* list = value == nullptr ? nullptr : std::get_if<ValueList>(&value->storage());
  return list == nullptr ? kEmpty : *list;
}

std::optional<std::string_view> nearest_name(std::string_view text, std::span<const std::string_view> names, std::size_t max_distance) {
  constexpr std::size_t kLongestName = 64;
  return text.size() > kLongestName ? std::nullopt : closest(text, names, max_distance);
}

ToolError bad_argument(std::string message, std::string hint) { return {ToolErrorCode::bad_argument, std::move(message), std::move(hint)}; }

ToolError tool_unavailable(std::string reason, std::string hint) { return {ToolErrorCode::unavailable, std::move(reason), std::move(hint)}; }

ToolError not_enough_bars(std::size_t needed, std::size_t present) {
  return {ToolErrorCode::not_enough_data, fmt::format("needs {} closed bars at this instant, {} are there", needed, present),
          "ask for a shorter period or a finer timeframe, or wait for more bars"};
}

}  // namespace prom
