-- A place that is kept for the releases of the kill switch and of safe mode.
select 1;
