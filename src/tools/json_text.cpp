// Reads JSON text into a Value tree: what a command line or a language model sends. Strict (RFC 8259), bounded in length and depth, no duplicate keys.
// Pure; any thread.
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "tools/args.h"
#include "tools/tool.h"

namespace prom {

namespace {

constexpr std::size_t kMaxText = 1'000'000;
constexpr int kMaxDepth = 32;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::expected<Value, ToolError> document() {
    Value value;
    if (!read_value(value, 0)) return std::unexpected(error());
    skip_blanks();
    if (at_ != text_.size()) {
      fail("text after the end of the value");
      return std::unexpected(error());
    }
    return value;
  }

 private:
  ToolError error() const { return bad_argument(fmt::format("not valid JSON at character {}: {}", failed_at_ + 1, why_)); }
  // Always false, so that callers can `return fail(...)`; the first reason is kept.
  bool fail(std::string_view why) {
    if (why_.empty()) {
      why_ = why;
      failed_at_ = at_;
    }
    return false;
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return fail("a value is expected");
    at_ += word.size();
    return true;
  }

  bool read_value(Value& out, int depth) {
    if (depth > kMaxDepth) return fail("nested too deeply");
    skip_blanks();
    if (at_ >= text_.size()) return fail("the text ends too early");
    switch (text_[at_]) {
      case '{': return read_object(out, depth);
      case '[': return read_list(out, depth);
      case '"': {
        std::string text;
        if (!read_string(text)) return false;
        out = Value(std::move(text));
        return true;
      }
      case 't': out = Value(true); return take_word("true");
      case 'f': out = Value(false); return take_word("false");
      case 'n': out = Value(); return take_word("null");
      default: return read_number(out);
    }
  }

  bool read_object(Value& out, int depth) {
    ValueObject object;
    ++at_;
    skip_blanks();
    if (take('}')) {
      out = Value(std::move(object));
      return true;
    }
    while (true) {
      skip_blanks();
      std::string key;
      if (at_ >= text_.size() || text_[at_] != '"') return fail("a key in quotation marks is expected");
      if (!read_string(key)) return false;
      if (member(object, key) != nullptr) return fail("a key is given twice");
      skip_blanks();
      if (!take(':')) return fail("a colon is expected");
      Value value;
      if (!read_value(value, depth + 1)) return false;
      object.emplace_back(std::move(key), std::move(value));
      skip_blanks();
      if (take('}')) break;
      if (!take(',')) return fail("a comma or a closing brace is expected");
    }
    out = Value(std::move(object));
    return true;
  }

  bool read_list(Value& out, int depth) {
    ValueList list;
    ++at_;
    skip_blanks();
    if (take(']')) {
      out = Value(std::move(list));
      return true;
    }
    while (true) {
      Value value;
      if (!read_value(value, depth + 1)) return false;
      list.push_back(std::move(value));
      skip_blanks();
      if (take(']')) break;
      if (!take(',')) return fail("a comma or a closing bracket is expected");
    }
    out = Value(std::move(list));
    return true;
  }

  bool take_digits() {
    const std::size_t first = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > first;
  }

  bool read_number(Value& out) {
    const std::size_t first = at_;
    bool whole = true;
    take('-');
    if (!take('0') && !take_digits()) return fail("a value is expected");
    if (take('.')) {
      whole = false;
      if (!take_digits()) return fail("a digit is expected");
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      whole = false;
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!take_digits()) return fail("a digit is expected");
    }
    const std::string_view text = text_.substr(first, at_ - first);
    if (whole) {
      if (const auto integer = parse_i64(text)) {
        out = Value(*integer);
        return true;
      }
    }
    const auto number = parse_f64(text);
    if (!number) return fail("a number out of range");
    out = Value(*number);
    return true;
  }

  std::optional<std::uint32_t> read_hex4() {
    if (at_ + 4 > text_.size()) return std::nullopt;
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      const std::uint32_t digit = c >= '0' && c <= '9'   ? static_cast<std::uint32_t>(c - '0')
                                  : c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                                  : c >= 'A' && c <= 'F' ? static_cast<std::uint32_t>(c - 'A' + 10)
                                                         : 16U;
      if (digit > 15) return std::nullopt;
      code = code * 16 + digit;
    }
    return code;
  }

  static void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xF0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }

  bool read_unicode(std::string& out) {
    auto code = read_hex4();
    if (!code) return fail("four hexadecimal digits are expected");
    if (*code >= 0xDC00 && *code <= 0xDFFF) return fail("half of a surrogate pair");
    if (*code >= 0xD800 && *code <= 0xDBFF) {
      if (!take('\\') || !take('u')) return fail("half of a surrogate pair");
      const auto low = read_hex4();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return fail("half of a surrogate pair");
      code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    }
    append_utf8(out, *code);
    return true;
  }

  bool read_string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character inside a text");
      ++at_;
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ >= text_.size()) break;
      switch (text_[at_++]) {
        case '"': out += '"'; break;
        case '\\': out += '\\'; break;
        case '/': out += '/'; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        case 'u':
          if (!read_unicode(out)) return false;
          break;
        default: return fail("an unknown escape");
      }
    }
    return fail("a text without its closing quotation mark");
  }

  std::string_view text_;
  std::size_t at_ = 0, failed_at_ = 0;
  std::string_view why_;
};

}  // namespace

std::expected<Value, ToolError> parse_json_value(std::string_view text) {
  if (text.size() > kMaxText) return std::unexpected(bad_argument(fmt::format("JSON text of {} bytes is longer than {}", text.size(), kMaxText)));
  return Reader(text).document();
}

}  // namespace prom
