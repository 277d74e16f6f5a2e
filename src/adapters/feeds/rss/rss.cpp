// expat reads the XML; its callbacks fill an item. They are C functions: nothing may be thrown through them but bad_alloc, which ends the program anyway.
#include "adapters/feeds/rss/rss.h"

#include <expat.h>

#include <memory>
#include <string>
#include <utility>

namespace prom {
namespace {

constexpr int kDeepest = 32;
constexpr std::size_t kMostGathered = 64 * 1024;  // bytes of one element's text

struct Item {
  std::string title, link, guid, date;
};

struct Reader {
  XML_Parser parser = nullptr;
  std::vector<Item> items;
  std::string gathered;
  std::string fault;
  int depth = 0;
  int item_depth = 0;  // 0: outside of an item

  void stop(std::string why) {
    if (fault.empty()) fault = std::move(why);
    XML_StopParser(parser, XML_FALSE);
  }
};

void on_doctype(void* data, const char*, const char*, const char*, int) {
  static_cast<Reader*>(data)->stop("a document with a DOCTYPE, which no feed needs and which could declare entities");
}

void on_start(void* data, const char* name, const char**) {
  Reader& reader = *static_cast<Reader*>(data);
  ++reader.depth;
  if (reader.depth > kDeepest) return reader.stop("elements nested deeper than 32");
  if (reader.item_depth == 0 && std::string_view(name) == "item") {
    if (reader.items.size() >= kMaxFeedItems) return reader.stop("more than 20000 items");
    reader.items.emplace_back();
    reader.item_depth = reader.depth;
  }
  reader.gathered.clear();
}

void on_text(void* data, const char* text, int length) {
  Reader& reader = *static_cast<Reader*>(data);
  if (reader.item_depth == 0) return;
  // What is longer than any text that is kept is gathered in part only; clean_text cuts it further.
  if (reader.gathered.size() < kMostGathered) reader.gathered.append(text, static_cast<std::size_t>(length));
}

void on_end(void* data, const char* name) {
  Reader& reader = *static_cast<Reader*>(data);
  if (reader.item_depth != 0 && reader.depth == reader.item_depth + 1) {
    Item& item = reader.items.back();
    const std::string_view element = name;
    std::string* field = element == "title"     ? &item.title
                         : element == "link"    ? &item.link
                         : element == "guid"    ? &item.guid
                         : element == "pubDate" ? &item.date
                                                : nullptr;
    if (field != nullptr) *field = std::move(reader.gathered);
  }
  reader.gathered.clear();
  if (reader.depth == reader.item_depth) reader.item_depth = 0;
  --reader.depth;
}

}  // namespace

std::expected<RssReading, FeedError> read_rss(std::string_view body, std::string_view source, TimeNs fetched_at) {
  const std::string from = clean_text(source, kMaxFeedName);
  const auto malformed = [&](const std::string& detail) { return err(FeedError{FeedFault::malformed, from + ": " + detail}); };
  if (from.empty()) return err(FeedError{FeedFault::malformed, "a news feed needs the name of its source"});
  if (body.size() > kMaxFeedBytes)
    return err(FeedError{FeedFault::too_large, from + ": a reply of " + std::to_string(body.size()) + " bytes, at most 8 MiB are read"});
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"), &XML_ParserFree);
  if (!parser) return malformed("no memory for a parser");
  Reader reader;
  reader.parser = parser.get();
  XML_SetUserData(parser.get(), &reader);
  XML_SetStartDoctypeDeclHandler(parser.get(), &on_doctype);
  XML_SetElementHandler(parser.get(), &on_start, &on_end);
  XML_SetCharacterDataHandler(parser.get(), &on_text);
  if (XML_Parse(parser.get(), body.data(), static_cast<int>(body.size()), XML_TRUE) != XML_STATUS_OK) {
    if (!reader.fault.empty()) return malformed(reader.fault);
    return malformed(std::string("not well-formed XML in line ") + std::to_string(XML_GetCurrentLineNumber(parser.get())) + ": " +
                     XML_ErrorString(XML_GetErrorCode(parser.get())));
  }
  RssReading out;
  for (const Item& item : reader.items) {
    const std::string title = clean_text(item.title);
    const std::string id = clean_text(item.guid.empty() ? item.link : item.guid, kMaxFeedName);
    const auto time = time_of_rss_date(item.date);
    if (title.empty() || id.empty() || !time) {
      ++out.unsound;
      continue;
    }
    out.headlines.push_back({std::string(series::kNews), "", from, id, *time, fetched_at, TrustTier::publisher, std::nullopt, title});
  }
  if (out.headlines.empty() && out.unsound > 0) return malformed("no item has a title, a guid or link, and a date");
  return out;
}

FeedResult parse_rss(std::string_view body, std::string_view source, TimeNs fetched_at) {
  PROM_TRY(auto read, read_rss(body, source, fetched_at));
  return std::move(read.headlines);
}

}  // namespace prom
