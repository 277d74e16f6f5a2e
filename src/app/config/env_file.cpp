// A small reader over the text of .env; one position that only moves forward.
#include "app/config/env_file.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace prom {
namespace {

constexpr bool starts_key(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
constexpr bool in_key(char c) { return starts_key(c) || (c >= '0' && c <= '9'); }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

class EnvReader {
 public:
  explicit EnvReader(std::string_view text) : text_(text) {}

  EnvText read() {
    EnvText out;
    if (text_.size() > kMaxEnvText) {
      out.faults.push_back({1, "the file is larger than 1 MiB", "a .env file holds settings only"});
      return out;
    }
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // the mark that some editors put before UTF-8
    for (skip_empty(); at_ < text_.size(); skip_empty()) {
      EnvLine entry;
      if (!read_line(entry)) {
        // What stands below may be the rest of a value, perhaps of a secret one, which a message about it would repeat.
        fault_->hint += (fault_->hint.empty() ? "" : "; ") + std::string("the lines below it were not read");
        out.faults.push_back(std::move(*fault_));
        return out;
      }
      const auto same = std::ranges::find(out.lines, entry.key, &EnvLine::key);
      if (same == out.lines.end()) {
        out.lines.push_back(std::move(entry));
      } else {
        out.faults.push_back({entry.line, entry.key + " is set twice, first on line " + std::to_string(same->line), "keep one of them"});
      }
    }
    return out;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\n' : text_[at_]; }
  bool fail(std::string message, std::string hint = {}) {
    fault_ = EnvFault{line_, std::move(message), std::move(hint)};
    return false;
  }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[at_])) ++at_;
  }
  void skip_rest() {
    while (!at_end() && text_[at_] != '\n') ++at_;
  }
  void skip_empty() {
    while (!at_end()) {
      skip_blanks();
      if (!at_end() && text_[at_] == '#') skip_rest();
      if (at_end() || text_[at_] != '\n') return;
      ++at_;
      ++line_;
    }
  }

  bool read_line(EnvLine& out) {
    constexpr std::string_view kExport = "export";
    if (text_.substr(at_).starts_with(kExport) && at_ + kExport.size() < text_.size() && is_blank(text_[at_ + kExport.size()])) {
      at_ += kExport.size();
      skip_blanks();
    }
    out.line = line_;
    if (!starts_key(peek())) return fail("a line must read KEY=VALUE", "begin comments with #");
    const std::size_t begin = at_;
    while (!at_end() && in_key(text_[at_])) ++at_;
    out.key = std::string(text_.substr(begin, at_ - begin));
    skip_blanks();
    if (peek() != '=') return fail("'=' is missing after " + out.key, "a line must read KEY=VALUE");
    ++at_;
    skip_blanks();
    if (peek() == '\'' || peek() == '"') return read_quoted(out);
    return read_bare(out);
  }

  bool read_bare(EnvLine& out) {
    const std::size_t begin = at_;
    while (!at_end() && text_[at_] != '\n' && !(text_[at_] == '#' && (at_ == begin || is_blank(text_[at_ - 1])))) {
      if (text_[at_] == '\0') return fail("the value of " + out.key + " holds a zero byte");
      ++at_;
    }
    out.value = std::string(trim(text_.substr(begin, at_ - begin)));
    skip_rest();
    return true;
  }

  bool read_quoted(EnvLine& out) {
    const char quote = text_[at_++];
    const std::uint32_t opened = line_;
    while (!at_end() && text_[at_] != quote) {
      char c = text_[at_++];
      if (c == '\0') return fail("the value of " + out.key + " holds a zero byte");
      if (c == '\n') ++line_;
      if (c == '\\' && quote == '"') {
        const auto plain = unescape(peek());
        if (!plain) return fail("unknown escape in the value of " + out.key, "known are \\n \\t \\r \\\" \\\\ \\$; within '...' nothing is an escape");
        ++at_;
        c = *plain;
      }
      out.value.push_back(c);
    }
    if (at_end()) {
      line_ = opened;
      return fail("the value of " + out.key + " has no closing quote");
    }
    ++at_;
    skip_blanks();
    if (peek() != '\n' && peek() != '#') return fail("text follows the closing quote of " + out.key);
    skip_rest();
    return true;
  }

  static std::optional<char> unescape(char c) {
    switch (c) {
      case 'n': return '\n';
      case 't': return '\t';
      case 'r': return '\r';
      case '"':
      case '\\':
      case '$': return c;
      default: return std::nullopt;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::optional<EnvFault> fault_;
};

}  // namespace

EnvText parse_env(std::string_view text) { return EnvReader(text).read(); }

}  // namespace prom
