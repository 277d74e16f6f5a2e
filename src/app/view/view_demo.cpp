// Drives the view with invented figures: `view_demo [seconds] [plain]`. Ctrl-C ends it. For looking at the picture; nothing here trades.
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <thread>

#include "app/view/demo_model.h"
#include "app/view/run_view.h"

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 10;
  const bool plain = argc > 2 && std::string_view(argv[2]) == "plain";
  std::unique_ptr<prom::view::RunView> view;
  if (!plain && prom::view::screen_of_stdout() == prom::view::Screen::terminal) {
    auto made = prom::view::make_terminal_view(prom::view::colours_wanted());
    if (made) view = std::move(*made);
  }
  if (!view) view = prom::view::make_plain_view(std::cout);
  const auto began = std::chrono::steady_clock::now();
  for (;;) {
    const double done = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() / seconds;
    if (view->due()) view->update(prom::view::demo_model(done < 1 ? done : 1));
    if (done >= 1) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  view->finish({"Net +1,234.56 USDT after 43 days (invented figures)."});
  return 0;
}
