-- A window by itself. KEYS: window. ARGV: limit, window (ms).
local admitted, left, reset = pass(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))
return string.format('%d %.0f %.0f %d', admitted and 1 or 0, left, reset, garbage)
