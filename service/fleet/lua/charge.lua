-- An offence of a client. KEYS: conduct, block, blocks. ARGV: client, points, reason, threshold, and for how long (ms)
-- it was told to wait, or nothing.
local retry_until = 0
local points = tonumber(ARGV[2])
if ARGV[5] ~= '' then
  local _, retry = conduct_of(KEYS[1])
  if now >= retry then points = 0 end
  retry_until = now + ARGV[5]
end
local ends, times = charge(KEYS[1], KEYS[2], KEYS[3], ARGV[1], points, ARGV[3], tonumber(ARGV[4]), retry_until)
return string.format('%.0f %.0f %d', ends, times, garbage)
