-- Append a job to its organisation's line.
--
-- KEYS[1]  ss:jobs:line:<organisation>  stream
-- KEYS[2]  ss:jobs:turns                sorted set  organisation → number of its last turn
-- KEYS[3]  ss:jobs:turn                 counter of turns
-- ARGV[1]  the group, ARGV[2] the organisation, ARGV[3] the job's id

if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
end
redis.call('XADD', KEYS[1], '*', 'job', ARGV[3])
if not redis.call('ZSCORE', KEYS[2], ARGV[2]) then
    redis.call('ZADD', KEYS[2], redis.call('INCR', KEYS[3]), ARGV[2])
end
return 1
