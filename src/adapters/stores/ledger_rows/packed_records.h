// Records with lists as bytes: a journal frame with nothing else in it, so that every format version the journal reads is readable here too. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "domain/command.h"
#include "ports/ledger.h"

namespace prom::ledger_rows {

StoreError corrupt_row(const std::string& what);

std::vector<std::byte> pack(InputBody body);
std::vector<std::byte> pack(Event event);
std::optional<RecordedFrame> unpack(std::span<const std::byte> blob);

template <class T>
StoreResult<T> unpack_input(std::span<const std::byte> blob) {
  auto frame = unpack(blob);
  T* body = frame ? std::get_if<T>(&frame->input.body) : nullptr;
  if (body == nullptr) return err(corrupt_row("a packed record cannot be read"));
  return std::move(*body);
}
template <class T>
StoreResult<T> unpack_event(std::span<const std::byte> blob) {
  auto frame = unpack(blob);
  T* event = frame && frame->events.size() == 1 ? std::get_if<T>(&frame->events.front()) : nullptr;
  if (event == nullptr) return err(corrupt_row("a packed record cannot be read"));
  return std::move(*event);
}

}  // namespace prom::ledger_rows
