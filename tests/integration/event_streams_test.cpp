// A whole run beside its publisher, into streams in process: what the journal says is in the streams, once, and the engine decides the same with and without.
#include "adapters/streams/local_stream/local_stream.h"
#include "event_streams_run.h"

namespace prom {
namespace {

using namespace event_streams;

TEST(EventStreams, ARunIsPublishedWholeBesideTheEngine) {
  const Folder folder;
  const auto stream = LocalStream::create({.events_a_partition = 100'000});
  const auto reader = open_journal_reader(folder.path());
  const auto consumer = *stream->consumer({"all", kPublished, 3, {}});
  StreamPublisher publisher(*reader, [&](OnDelivery told) { return stream->producer(std::move(told)); }, {.run = "wave"});
  run_market(folder.path(), publisher);
  const auto status = publisher.finish(kMinute);
  const Wanted wanted = wanted_of(folder.path());
  EXPECT_EQ(status.published, wanted.last);
  EXPECT_EQ(status.delivered, total(wanted));
  EXPECT_EQ(status.lost, 0U);
  expect_whole(read_all(*consumer, total(wanted)), wanted);
}

TEST(EventStreams, AReaderWhoStopsHoldsUpThePublisherAndNotTheEngine) {
  const Folder folder;
  const auto stream = LocalStream::create({.events_a_partition = 5});
  const auto reader = open_journal_reader(folder.path());
  const auto consumer = *stream->consumer({"slow", kPublished, 3, {}});
  StreamPublisher publisher(*reader, [&](OnDelivery told) { return stream->producer(std::move(told)); }, {.run = "wave"});
  run_market(folder.path(), publisher);  // to its end, though nobody reads
  const Wanted wanted = wanted_of(folder.path());
  event_stream_contract::read_until(*consumer, [&] { return publisher.status().full > 0; }, [](const StreamRecord&) {});
  EXPECT_LT(publisher.status().published, wanted.last);
  std::map<std::string, StreamEvent> events;
  event_stream_contract::read_until(
      *consumer, [&] { return events.size() >= total(wanted); },
      [&](const StreamRecord& record) {
        events.emplace(record.event.id, record.event);
        EXPECT_TRUE(consumer->commit(record.at));
      });
  EXPECT_EQ(publisher.finish(kMinute).published, wanted.last);
  expect_whole(events, wanted);
}

TEST(EventStreams, AnotherPublisherGoesOnWhereTheFirstEnded) {
  const Folder folder;
  const auto stream = LocalStream::create({.events_a_partition = 100'000});
  const auto reader = open_journal_reader(folder.path());
  const auto consumer = *stream->consumer({"all", kPublished, 3, {}});
  const StreamPublisher::Open open = [&](OnDelivery told) { return stream->producer(std::move(told)); };
  {
    StreamPublisher none(*reader, open, {.run = "wave"});
    run_market(folder.path(), none);
  }
  const Wanted wanted = wanted_of(folder.path());
  // Whatever the first has reached, in parts of the journal.
  std::uint64_t published = 0;
  for (std::uint64_t upto = wanted.last / 3; published < wanted.last; upto = std::min(upto + wanted.last / 3, wanted.last)) {
    StreamPublisher publisher(*reader, open, {.run = "wave", .published = published});
    publisher.poke(upto);
    published = publisher.finish(kMinute).published;
    ASSERT_EQ(published, upto);
  }
  expect_whole(read_all(*consumer, total(wanted)), wanted);
}

}  // namespace
}  // namespace prom
