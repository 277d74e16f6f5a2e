# prom_embed_migrations(TARGET t FUNCTION market_migrations DIR assets/migrations/sqlite/market)
#   Compiles the numbered .sql files of DIR into TARGET as `std::span<const prom::sqlite::Migration> prom::sqlite::<FUNCTION>()`,
#   which the caller declares itself. The target must link prom_io_sqlite.
function(prom_embed_migrations)
  cmake_parse_arguments(A "" "TARGET;FUNCTION;DIR" "" ${ARGN})
  file(GLOB files CONFIGURE_DEPENDS "${A_DIR}/[0-9][0-9][0-9][0-9]_*.sql")
  list(SORT files)
  if(NOT files)
    message(FATAL_ERROR "no migrations (NNNN_name.sql) in ${A_DIR}")
  endif()
  set(rows "")
  set(expected 1)
  foreach(file ${files})
    get_filename_component(name "${file}" NAME)
    string(SUBSTRING "${name}" 0 4 digits)
    string(REGEX REPLACE "^0+" "" number "${digits}")
    if(NOT number EQUAL expected)
      message(FATAL_ERROR "${A_DIR}: migration ${expected} is missing before ${name}")
    endif()
    math(EXPR expected "${expected} + 1")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(READ "${file}" text)
    string(APPEND rows "    {${number}, \"${name}\", R\"prom_sql(${text})prom_sql\"},\n")
  endforeach()
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/${A_FUNCTION}.cpp")
  file(CONFIGURE OUTPUT "${generated}" @ONLY CONTENT
"// Made by embed_migrations.cmake from the .sql files; edit those.
#include <span>

#include \"io/sqlite/migrator.h\"

namespace prom::sqlite {
std::span<const Migration> @A_FUNCTION@();
std::span<const Migration> @A_FUNCTION@() {
  static constexpr Migration kMigrations[] = {
@rows@  };
  return kMigrations;
}
}  // namespace prom::sqlite
")
  target_sources(${A_TARGET} PRIVATE "${generated}")
endfunction()
