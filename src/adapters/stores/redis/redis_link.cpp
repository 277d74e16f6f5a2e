// See the header.
#include "adapters/stores/redis/redis_link.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>

namespace prom::redis {
namespace {
using Clock = std::chrono::steady_clock;

std::string subject_of(const Command& command) {
  // EVAL script count key ...: the key is what a person recognises.
  if (command.front() == "EVAL" && command.size() > 3) return "EVAL on " + command[3];
  return command.size() > 1 ? command[0] + " on " + command[1] : command[0];
}
}  // namespace

void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::chrono::milliseconds backoff(int failures) {
  constexpr int kFirst = 50, kMost = 1000;
  if (failures <= 1) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(std::min(kFirst << std::min(failures - 2, 8), kMost));
}

Link::Link(std::shared_ptr<const RedisOptions> options) : options_(std::move(options)), thread_([this] { work(); }) {}

Link::~Link() {
  queue_.close();
  thread_.join();
}

StoreResult<Reply> Link::ask(Command command) {
  ++asked_;
  std::string subject = subject_of(command);
  const auto began = Clock::now();
  Request request{std::move(command), {}, began + options_->timeout};
  auto answer = request.answer.get_future();
  switch (queue_.try_push(std::move(request))) {
    case PushResult::pushed: break;
    case PushResult::full:
      ++refused_;
      return std::unexpected(
          StoreError{StoreErrorKind::away, Retry::after, std::to_string(kRedisQueue) + " requests wait for " + place_of(*options_) + " already", ""});
    case PushResult::closed: return std::unexpected(StoreError{StoreErrorKind::away, Retry::never, "the link to " + place_of(*options_) + " is closing", ""});
  }
  auto result = answer.get();  // bounded: started within `timeout` or refused, connected and answered within `timeout` each or given up
  waited_ns_ += std::chrono::nanoseconds(Clock::now() - began).count();
  answered_ = result.has_value();
  if (!result) {
    ++(result.error().retry == Retry::in_doubt ? in_doubt_ : refused_);
    return result;
  }
  if (result->kind == Reply::Kind::error) return std::unexpected(error_of(*options_, result->text, subject));
  return result;
}

Link::Repeated Link::ask_again(const Command& command) {
  auto reply = ask(command);
  if (reply || reply.error().retry != Retry::in_doubt) return {std::move(reply), Repeated::Doubt::none};
  auto second = ask(command);
  // The second may not have been sent: the first is still in doubt.
  if (!second) second.error().retry = Retry::in_doubt;
  return {std::move(second), Repeated::Doubt::first};
}

RedisCounters Link::counters() const {
  RedisCounters out;
  out.asked = asked_;
  out.refused = refused_;
  out.in_doubt = in_doubt_;
  out.connects = connects_;
  out.queue_high_water = queue_.high_water();
  out.waited = DurationNs{waited_ns_};
  out.last = answered_ ? RedisCounters::Last::answered : RedisCounters::Last::unanswered;
  return out;
}

void Link::work() {
  block_sigpipe();
  std::vector<Request> batch;
  while (!queue_.drained()) {
    batch.clear();
    if (queue_.pop_batch(batch, kRedisBatch, std::chrono::milliseconds(200)) > 0) serve(batch);
  }
}

bool Link::connected() {
  if (connection_ && !connection_->quiet()) connection_.reset();
  if (connection_) return true;
  const auto now = Clock::now();
  if (now < next_try_) return false;
  auto opened = Connection::open(*options_);
  if (opened) {
    ++connects_;
    failures_ = 0;
    connection_ = *std::move(opened);
    return true;
  }
  why_not_ = std::move(opened).error();
  next_try_ = Clock::now() + backoff(++failures_);
  return false;
}

void Link::serve(std::vector<Request>& batch) {
  const auto refuse = [](Request& request, StoreError error) { request.answer.set_value(std::unexpected(std::move(error))); };
  const auto now = Clock::now();
  std::erase_if(batch, [&](Request& request) {
    if (request.latest_start >= now) return false;
    refuse(request, {StoreErrorKind::away, Retry::after,
                     place_of(*options_) + " is too slow: the request waited " + std::to_string(options_->timeout.count()) + " ms", ""});
    return true;
  });
  if (batch.empty()) return;
  if (!connected()) {
    for (Request& request : batch) refuse(request, why_not_);
    return;
  }
  std::vector<Command> commands;
  for (Request& request : batch) commands.push_back(std::move(request.command));
  auto outcome = connection_->exchange(commands, Clock::now() + options_->timeout);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (i < outcome.replies.size()) {
      batch[i].answer.set_value(std::move(outcome.replies[i]));
    } else {
      refuse(batch[i], *outcome.broken);
    }
  }
  if (outcome.broken) connection_.reset();
}

}  // namespace prom::redis
